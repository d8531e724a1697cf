package io.holdfast.spi;

import io.holdfast.error.InvalidInputException;
import io.holdfast.limit.Ladder;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Names;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a scope is, as the ledger keeps it. A name that ends in a star defines every scope whose name begins so and that
 * has no definition of its own; where several apply, the longest does.
 *
 * @param name the scope, or a prefix and a star
 * @param parent the scope that holds it, if any
 * @param limits its limits, no two with the same {@link Limit#key()}
 * @param ladders the ways of its calls from model to model above a soft step; of several that have a call's model, the
 *     first counts, and where none has it, the nearest ancestor's
 */
public record ScopeDefinition(String name, @Nullable String parent, List<Limit> limits, List<Ladder> ladders) {
    /** The most limits one scope may have. */
    public static final int MOST_LIMITS = 64;

    /** The most ladders one scope may have. */
    public static final int MOST_LADDERS = 16;

    /** Checks the names and that the limits differ. */
    public ScopeDefinition {
        Names.check("scope", name);
        int star = name.indexOf('*');
        if (star >= 0 && star < name.length() - 1) {
            throw new InvalidInputException("scope", name, "may have a star at its end only");
        }
        if (parent != null) {
            Names.check("parent scope", parent);
            if (parent.indexOf('*') >= 0) {
                throw new InvalidInputException("parent scope", parent, "must not be a pattern");
            }
            if (parent.equals(name)) {
                throw new InvalidInputException("parent scope", parent, "must not be the scope itself (a cycle)");
            }
        }
        limits = List.copyOf(limits);
        if (limits.size() > MOST_LIMITS) {
            throw new InvalidInputException(
                    "limits of scope '" + name + "'", limits.size() + " limits", "must be at most " + MOST_LIMITS);
        }
        ladders = List.copyOf(ladders);
        if (ladders.size() > MOST_LADDERS) {
            throw new InvalidInputException(
                    "ladders of scope '" + name + "'", ladders.size() + " ladders", "must be at most " + MOST_LADDERS);
        }
        Set<String> keys = new HashSet<>();
        for (Limit limit : limits) {
            if (!keys.add(limit.key())) {
                throw new InvalidInputException("limit", limit.key(), "must stand only once in scope '" + name + "'");
            }
        }
    }

    /**
     * Makes a definition without ladders.
     *
     * @param name the scope, or a prefix and a star
     * @param parent the scope that holds it, if any
     * @param limits its limits
     */
    public ScopeDefinition(String name, @Nullable String parent, List<Limit> limits) {
        this(name, parent, limits, List.of());
    }

    /**
     * Tells whether this defines scopes by a pattern of their names.
     *
     * @return true if the name ends in a star
     */
    public boolean template() {
        return name.endsWith("*");
    }

    /**
     * Tells whether this template covers a name.
     *
     * @param scope a scope's name
     * @return true if the name begins as the template's does
     */
    public boolean covers(String scope) {
        return template() && scope.regionMatches(0, name, 0, name.length() - 1);
    }
}
