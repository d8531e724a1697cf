package io.holdfast.evidence.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.limit.LimitState;
import io.holdfast.unit.Usd;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** I11, I1: four processes replay the same traffic on one JSON ledger at once. */
class FourReplaysTest {
    @TempDir
    Path scratch = Path.of("");

    @Test
    @DisplayName(
            "every tenant stays at or under its cap, the four results add up to the report, and the journal verifies")
    void fourAtOnce() throws Exception {
        Path trace = Traces.realOrMade(scratch);
        String store = "json:" + scratch.resolve("ledger");
        List<ChildJvm> replays = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            replays.add(ChildJvm.cli(
                    scratch,
                    "replay",
                    "--trace",
                    trace.toString(),
                    "--store",
                    store,
                    "--tenants",
                    "50",
                    "--threads",
                    "8",
                    "--models",
                    "claude-sonnet-4-5,gpt-4o",
                    "--cap-per-day",
                    "0.75",
                    "--format",
                    "json"));
        }
        BigDecimal spent = BigDecimal.ZERO;
        long denied = 0;
        for (ChildJvm replay : replays) {
            String result = replay.output();
            spent = spent.add(new BigDecimal(ChildJvm.field(result, "spent_usd")));
            denied += Long.parseLong(ChildJvm.field(result, "denied"));
            assertThat(ChildJvm.field(result, "max_overshoot_usd")).isEqualTo("0.00");
        }
        assertThat(denied).as("the caps bind").isPositive();
        try (LedgerAudit audit = LedgerAudit.open(store)) {
            assertThat(audit.verify().differences()).isEmpty();
            assertThat(audit.spent().toDollars()).isEqualByComparingTo(spent);
            List<LimitState> tenants = audit.limits();
            assertThat(tenants).hasSize(50);
            assertThat(tenants)
                    .allSatisfy(tenant -> assertThat(tenant.committed())
                            .isLessThanOrEqualTo(Usd.of("0.75").nanos()))
                    .allSatisfy(tenant -> assertThat(tenant.held()).isZero());
        }
    }
}
