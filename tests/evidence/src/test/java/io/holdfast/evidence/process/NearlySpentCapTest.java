package io.holdfast.evidence.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.Window;
import io.holdfast.survival.Survival;
import io.holdfast.unit.Usd;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** I1, I11: 64 threads in each of eight processes on one cap that has little left. */
class NearlySpentCapTest {
    private static final int PROCESSES = 8;
    private static final int THREADS = 64;

    @TempDir
    Path scratch = Path.of("");

    @Test
    @DisplayName("as many calls are admitted as fit, exactly, and none is refused that fits")
    void exactlyWhatFits() throws Exception {
        String store = "json:" + scratch.resolve("ledger");
        Limit cap = Limit.cost(Usd.of("1.0005"), Window.lifetime());
        List<ChildJvm> children = new ArrayList<>();
        for (int i = 0; i < PROCESSES; i++) {
            children.add(ChildJvm.start(
                    scratch,
                    List.of("-Xmx256m"),
                    CapHammer.class.getName(),
                    store,
                    Integer.toString(THREADS),
                    Integer.toString(PROCESSES),
                    scratch.resolve("go").toString()));
        }
        long admitted = 0;
        for (ChildJvm child : children) {
            admitted += Long.parseLong(child.output().strip());
        }
        // Each call asks for 0.001 USD: 1,000 fit into 1.0005 USD.
        assertThat(admitted).isEqualTo(1_000);
        try (LedgerAudit audit = LedgerAudit.open(store)) {
            assertThat(audit.verify().differences()).isEmpty();
            assertThat(audit.limits()).hasSize(1);
            LimitState state = audit.limits().get(0);
            assertThat(state.limit()).isEqualTo(cap);
            assertThat(state.committed()).isEqualTo(Usd.of("1").nanos());
            assertThat(state.held()).isZero();
        }
        Survival.of("a nearly spent cap under many processes and threads", "JSON files", NearlySpentCapTest.class)
                .tried((long) PROCESSES * THREADS)
                .lost(0)
                .doubled(0)
                .overshot(0)
                .outcome("admitted", admitted)
                .keep();
    }
}
