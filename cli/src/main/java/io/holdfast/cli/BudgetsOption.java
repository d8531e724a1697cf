package io.holdfast.cli;

import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.limit.Limit;
import io.holdfast.pricing.PriceBook;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that names a file of scopes and limits. */
final class BudgetsOption {
    @Option(
            names = "--budgets",
            paramLabel = "FILE",
            description = "Scopes and limits to register first, in YAML. What is registered already must be the same.")
    private @Nullable String file;

    /** Returns what the file defines; registers nothing. */
    List<BudgetScope> read() {
        return file == null ? List.of() : BudgetsFile.read(path(file));
    }

    /** Registers what the file defines, or nothing of it where it contradicts the ledger. */
    void register(BudgetManager manager, List<BudgetScope> scopes) {
        String from = file;
        if (from == null || scopes.isEmpty()) {
            return;
        }
        Map<String, BudgetScope> wanted = new HashMap<>();
        Set<String> parents = new HashSet<>();
        for (BudgetScope scope : scopes) {
            wanted.put(scope.name(), scope);
            scope.parent().ifPresent(parents::add);
        }
        parents.removeAll(wanted.keySet());
        PriceBook prices = manager.prices();
        manager.scopes(known -> {
            parents.remove(known.name());
            BudgetScope scope = wanted.get(known.name());
            if (scope != null
                    && !(scope.parent().equals(known.parent())
                            && limits(scope, prices).equals(limits(known, prices))
                            && ladders(scope, prices).equals(ladders(known, prices)))) {
                throw wrong(from, "scope '" + known.name() + "' is registered otherwise, as " + known);
            }
        });
        if (!parents.isEmpty()) {
            throw wrong(from, "parent scope '" + parents.iterator().next() + "' must be in the file or the ledger");
        }
        scopes.forEach(manager::register);
    }

    private static Set<Limit> limits(BudgetScope scope, PriceBook prices) {
        return scope.limits().stream()
                .map(limit -> limit.models().exact()
                        ? limit.forModels(prices.canonicalName(limit.models().text()))
                        : limit)
                .collect(Collectors.toSet());
    }

    private static List<List<String>> ladders(BudgetScope scope, PriceBook prices) {
        return scope.ladders().stream()
                .map(ladder -> ladder.rungs().stream()
                        .map(rung -> rung.exact() ? prices.canonicalName(rung.text()) : rung.text())
                        .toList())
                .toList();
    }

    private static CommandException wrong(String file, String rule) {
        return CommandException.inFile(file, 0, rule, null);
    }

    private static Path path(String file) {
        return Arguments.path("--budgets", file);
    }
}
