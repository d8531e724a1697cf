package io.holdfast.store.json;

import io.holdfast.spi.Detail;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.unit.Amounts;
import java.nio.file.Path;

/** Books with several threads and tells each booking that was acknowledged, until it is killed. */
final class KilledProcess {
    private KilledProcess() {}

    public static void main(String[] arguments) {
        JsonStore store = SharedDirectoryTest.open(Path.of(arguments[0]));
        for (int thread = 0; thread < 3; thread++) {
            String prefix = arguments[1] + "-" + thread + "-";
            new Thread(() -> work(store, prefix)).start();
        }
    }

    private static void work(JsonStore store, String prefix) {
        for (int i = 0; i < 1_000_000; i++) {
            Outcome outcome = store.apply(new Operation.Book(
                    OperationId.given(prefix + i), "s", null, "m", new Amounts(1, 2, 3, 1), Detail.NONE));
            if (!(outcome instanceof Outcome.Booked)) {
                throw new IllegalStateException(outcome.toString());
            }
            synchronized (System.out) {
                System.out.println(prefix + i + ".");
                System.out.flush();
            }
        }
    }
}
