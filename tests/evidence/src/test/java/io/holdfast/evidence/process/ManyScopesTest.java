package io.holdfast.evidence.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.Call;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A million registered scopes with two limits each fit in 1 GiB of heap. */
class ManyScopesTest {
    @TempDir
    Path scratch = Path.of("");

    @Test
    @DisplayName("a million scopes with two limits each are registered in 1 GiB of heap, and still admit and refuse")
    void aMillion() throws Exception {
        try (ChildJvm child = ChildJvm.start(scratch, List.of("-Xmx1g"), Million.class.getName(), "1000000")) {
            assertThat(child.output().strip()).isEqualTo("1000000 scopes, admitted then refused");
        }
    }

    /** The child. */
    static final class Million {
        private Million() {}

        public static void main(String[] args) {
            int scopes = Integer.parseInt(args[0]);
            try (BudgetManager budgets = BudgetManager.builder().build()) {
                for (int i = 0; i < scopes; i++) {
                    budgets.register(BudgetScope.named("user-" + i)
                            .maxCostPerDay("25.00")
                            .maxCostPerSession("0.001")
                            .build());
                }
                Call call = Call.of("s", "gpt-4o").input(400).maxOutput(0);
                boolean first =
                        budgets.budget("user-" + scopes / 2).tryReserve(call).allowed();
                boolean second =
                        budgets.budget("user-" + scopes / 2).tryReserve(call).allowed();
                System.out.println(scopes + " scopes, " + (first ? "admitted" : "refused") + " then "
                        + (second ? "admitted" : "refused"));
            }
        }
    }
}
