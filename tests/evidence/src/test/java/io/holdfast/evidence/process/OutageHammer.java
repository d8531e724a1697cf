package io.holdfast.evidence.process;

import io.holdfast.Budget;
import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.Call;
import io.holdfast.Decision;
import io.holdfast.OutagePolicy;
import io.holdfast.Reservation;
import io.holdfast.error.HoldfastException;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.pricing.ModelPrice;
import io.holdfast.pricing.PriceBook;
import io.holdfast.spi.ForwardingLedgerStore;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.StoreUnavailableException;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * A child: makes calls with several threads, in and out of outages that last milliseconds, and writes down each one that was
 * acknowledged, with what it came to and whether the ledger could be reached then. Goes on until it is killed.
 */
final class OutageHammer {
    private static final int THREADS = 3;

    private OutageHammer() {}

    /** A ledger that is out of reach now and then; what arrives there is as durable as ever. */
    private static final class Link extends ForwardingLedgerStore {
        volatile boolean down;

        Link(LedgerStore store) {
            super(store);
        }

        @Override
        public List<Outcome> apply(List<Operation> batch) {
            if (down) {
                throw new StoreUnavailableException("out of reach, on purpose", null);
            }
            return super.apply(batch);
        }
    }

    /** Returns a manager of the ledger with a spool; what it finds in the spool it carries out. */
    static BudgetManager manager(LedgerStore store, Path spool) {
        BudgetManager budgets = BudgetManager.builder()
                .store(store)
                .prices(PriceBook.empty()
                        .register(ModelPrice.of("acme", "lean")
                                .input("1")
                                .output("1")
                                .build()))
                .outages(OutagePolicy.failOpen(spool, Usd.of("1000"), Duration.ofMinutes(10))
                        .probeEvery(Duration.ofMillis(1)))
                .build();
        budgets.register(BudgetScope.named("roomy")
                .limit(Limit.cost(Usd.of("1000000"), Window.lifetime()))
                .build());
        budgets.register(BudgetScope.named("full")
                .limit(Limit.cost(Usd.of("0.000001"), Window.lifetime()))
                .build());
        return budgets;
    }

    public static void main(String[] args) throws Exception {
        String run = args[3];
        Random random = new Random(Long.parseLong(args[4]));
        try (Link link = new Link(LedgerStores.open(args[0]));
                BudgetManager budgets = manager(link, Path.of(args[1]));
                FileChannel acks =
                        FileChannel.open(Path.of(args[2]), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            budgets.budget("roomy").reserve(call(1)).release();
            if (budgets.budget("full").tryReserve(call(0)) instanceof Decision.Allowed<Reservation> known) {
                known.value().release();
            }
            for (int i = 0; i < THREADS; i++) {
                String name = run + "-" + i + "-";
                Random own = new Random(random.nextLong());
                Thread thread = new Thread(() -> hammer(budgets, name, own, acks));
                thread.setDaemon(true);
                thread.start();
            }
            while (true) {
                TimeUnit.MILLISECONDS.sleep(1 + random.nextInt(20));
                link.down = !link.down;
            }
        }
    }

    private static Call call(long tokens) {
        return Call.to("lean").exactly(Usage.of(tokens, 0));
    }

    /** Goes on in a scope that has room, and now and then in one that has none but in an outage. */
    private static void hammer(BudgetManager budgets, String name, Random random, FileChannel acks) {
        for (int i = 0; ; i++) {
            long held = 1_000 + random.nextInt(1_000);
            Call call = call(held).id(name + i);
            try {
                boolean roomy = random.nextInt(4) > 0;
                Budget budget = budgets.budget(roomy ? "roomy" : "full");
                long used = one(budget, call, random.nextInt(roomy ? 4 : 3), 1 + random.nextInt(2_000));
                String line = name + i + " " + used + " " + (budgets.outage().available() ? "up" : "down") + "\n";
                acks.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
            } catch (HoldfastException notAcknowledged) {
                // The ledger was out of reach, and this could not go ahead.
            } catch (IOException failure) {
                throw new IllegalStateException(failure);
            }
        }
    }

    /** Makes one call and returns what it came to, in tokens. */
    private static long one(Budget budget, Call call, int kind, long used) {
        Usage usage = Usage.of(used, 0);
        if (kind == 0) {
            budget.record(call, usage);
            return used;
        }
        Reservation hold = budget.reserve(call);
        if (kind == 1) {
            hold.release();
            return 0;
        }
        hold.commit(usage);
        if (kind == 3) {
            budget.reserve(call).commit(usage);
        }
        return used;
    }
}
