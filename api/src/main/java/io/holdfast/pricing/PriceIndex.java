package io.holdfast.pricing;

import io.holdfast.error.InvalidInputException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One state of a price book: its rows, found by every exact name they have. Immutable; a change makes another index.
 *
 * <p>At one provider the model names come before the aliases, so that a dated model with its own price hides an alias of
 * the same spelling. An alias that is given again moves to the row that was added last.
 */
final class PriceIndex {
    private static final int MOST_LOOKED = 1_024;
    static final PriceIndex EMPTY = new PriceIndex(Map.of(), Map.of());

    private final Map<String, Timeline> rows;
    private final Map<String, String> aliases;
    private final Map<String, Map<String, Timeline>> byProvider;
    private final Map<String, Timeline> anywhere;
    private final Map<String, Found> looked = new ConcurrentHashMap<>();

    private PriceIndex(Map<String, Timeline> rows, Map<String, String> aliases) {
        this.rows = rows;
        this.aliases = aliases;
        this.byProvider = namesByProvider(rows, aliases);
        this.anywhere = namesAnywhere(byProvider);
    }

    /** This index with more rows; a row of the same id is replaced and leaves its aliases to the new one. */
    PriceIndex with(Collection<Timeline> added) {
        Map<String, Timeline> allRows = new LinkedHashMap<>(rows);
        Map<String, String> addedAliases = new HashMap<>();
        for (Timeline row : added) {
            allRows.merge(row.id(), row, (below, over) -> over.over(below));
            for (ModelPrice price : row.prices()) {
                for (String alias : price.aliases()) {
                    String id = addedAliases.putIfAbsent(key(price.provider(), Names.lower(alias)), row.id());
                    if (id != null && !id.equals(row.id())) {
                        throw new InvalidInputException("alias", alias, "names two models: " + id + " and " + row.id());
                    }
                }
            }
        }
        Map<String, String> allAliases = new HashMap<>(aliases);
        allAliases.putAll(addedAliases);
        return new PriceIndex(allRows, allAliases);
    }

    /** This index with the rows and names of another one over its own. */
    PriceIndex layered(PriceIndex over) {
        Map<String, Timeline> allRows = new LinkedHashMap<>(rows);
        over.rows.forEach((id, row) -> allRows.merge(id, row, (below, above) -> above.over(below)));
        Map<String, String> allAliases = new HashMap<>(aliases);
        allAliases.putAll(over.aliases);
        return new PriceIndex(allRows, allAliases);
    }

    /** What a name comes to in this index. */
    record Found(ModelName name, @Nullable Timeline row) {}

    /** Returns what a name comes to, remembered for the first names that are asked. */
    Found look(String given) {
        Found found = looked.get(given);
        if (found == null) {
            ModelName name = parse(given);
            found = new Found(name, find(name));
            if (looked.size() < MOST_LOOKED) {
                looked.put(given, found);
            }
        }
        return found;
    }

    /** Takes a name apart; the same for every use of a name. */
    ModelName parse(String given) {
        String name = NameRules.withoutDecoration(Names.key(given));
        boolean free = false;
        while (NameRules.asksForFree(name)) {
            free = true;
            name = NameRules.withoutDecoration(name.substring(0, name.length() - NameRules.FREE.length()));
        }
        int colon = name.indexOf(':');
        if (colon > 0) {
            String provider = name.substring(0, colon);
            if (provider.equals(Names.NO_PROVIDER)) {
                name = name.substring(colon + 1);
            } else if (isProvider(provider)) {
                return new ModelName(List.of(provider), name.substring(colon + 1), free);
            }
        }
        int slash = name.indexOf('/');
        if (slash > 0) {
            String part = name.substring(0, slash);
            String rest = name.substring(slash + 1);
            List<String> providers = NameRules.providersOfPathPart(part);
            if (!providers.isEmpty()) {
                return new ModelName(providers, exactAt(providers.get(0), name) == null ? rest : name, free);
            }
            if (isProvider(part) && !anywhere.containsKey(name)) {
                return new ModelName(List.of(part), rest, free);
            }
        }
        return new ModelName(List.of(), name, free);
    }

    /** The row of a name, by the rules in their order; null where the name is unknown. */
    @Nullable
    Timeline find(ModelName wanted) {
        Timeline found = exact(wanted, wanted.name());
        if (found != null) {
            return found;
        }
        String name = NameRules.withDashedVersion(wanted.name());
        found = name.equals(wanted.name()) ? null : exact(wanted, name);
        if (found != null) {
            return found;
        }
        String undated = NameRules.withoutSnapshot(name);
        found = undated.equals(name) ? null : exact(wanted, undated);
        if (found != null) {
            return found;
        }
        return name.startsWith("ft:") ? exact(wanted, NameRules.fineTunedBase(name)) : null;
    }

    Collection<Timeline> rows() {
        return rows.values();
    }

    /** Every name that can be looked up where this one was. */
    Map<String, Timeline> namesNear(ModelName wanted) {
        if (wanted.providers().isEmpty()) {
            return anywhere;
        }
        return byProvider.getOrDefault(wanted.providers().get(0), Map.of());
    }

    private @Nullable Timeline exact(ModelName wanted, String name) {
        if (wanted.providers().isEmpty()) {
            return anywhere.get(name);
        }
        for (String provider : wanted.providers()) {
            Timeline found = exactAt(provider, name);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private @Nullable Timeline exactAt(String provider, String name) {
        Map<String, Timeline> names = byProvider.get(provider);
        return names == null ? null : names.get(name);
    }

    private boolean isProvider(String name) {
        return byProvider.containsKey(name) || NameRules.PROVIDERS.contains(name);
    }

    private static Map<String, Map<String, Timeline>> namesByProvider(
            Map<String, Timeline> rows, Map<String, String> aliases) {
        Map<String, Map<String, Timeline>> names = new HashMap<>();
        Function<String, Map<String, Timeline>> none = provider -> new HashMap<>();
        rows.forEach((id, row) -> names.computeIfAbsent(providerOf(id), none).put(nameOf(id), row));
        aliases.forEach((alias, id) -> {
            Timeline row = rows.get(id);
            if (row != null) {
                names.computeIfAbsent(providerOf(alias), none).putIfAbsent(nameOf(alias), row);
            }
        });
        for (Map<String, Timeline> atProvider : names.values()) {
            for (Map.Entry<String, Timeline> entry : List.copyOf(atProvider.entrySet())) {
                atProvider.putIfAbsent(NameRules.withDashedVersion(entry.getKey()), entry.getValue());
            }
        }
        return names;
    }

    private static Map<String, Timeline> namesAnywhere(Map<String, Map<String, Timeline>> byProvider) {
        List<String> order = new ArrayList<>(NameRules.PROVIDERS);
        TreeSet<String> others = new TreeSet<>(byProvider.keySet());
        others.removeAll(order);
        order.addAll(others);
        Map<String, Timeline> names = new HashMap<>();
        for (String provider : order) {
            byProvider.getOrDefault(provider, Map.of()).forEach(names::putIfAbsent);
        }
        return names;
    }

    private static String key(String provider, String name) {
        return provider + ':' + name;
    }

    private static String providerOf(String key) {
        return key.substring(0, key.indexOf(':'));
    }

    private static String nameOf(String key) {
        return key.substring(key.indexOf(':') + 1);
    }
}
