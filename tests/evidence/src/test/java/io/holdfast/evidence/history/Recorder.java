package io.holdfast.evidence.history;

import io.holdfast.spi.AmbiguousOutcomeException;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A client that asks, and records when it asked, when it was answered and what. Some answers get lost on the way to it. */
final class Recorder {
    private final LedgerStore store;
    private final String prefix;
    private final int client;
    private final SplittableRandom random;
    final List<Event> events = new ArrayList<>();

    Recorder(LedgerStore store, String prefix, int client, long seed) {
        this.store = store;
        this.prefix = prefix;
        this.client = client;
        this.random = new SplittableRandom(seed * 31 + client);
    }

    void ask(int times) {
        for (int i = 0; i < times; i++) {
            ask(Ask.any(random));
        }
    }

    void ask(Ask ask) {
        int luck = random.nextInt(16);
        long invoked = System.nanoTime();
        if (luck == 0) {
            events.add(Event.unknown(client, ask, invoked));
            return;
        }
        try {
            String answer = Ask.told(store.apply(ask.operation(prefix)));
            long returned = System.nanoTime();
            events.add(
                    luck == 1
                            ? Event.unknown(client, ask, invoked)
                            : new Event(client, ask, answer, invoked, returned));
        } catch (AmbiguousOutcomeException nobodyKnows) {
            events.add(Event.unknown(client, ask, invoked));
        } catch (StoreException noEffect) {
            // certainly nothing happened, so there is nothing to explain
        }
    }

    /** Reads how everything stands once all is quiet. */
    void audit() {
        for (String user : Ask.USERS) {
            Ask ask = new Ask(Ask.Kind.INSPECT, user, "-", 0);
            long invoked = System.nanoTime();
            String answer = Ask.told(store.apply(ask.operation(prefix)));
            events.add(new Event(client, ask, answer, invoked, System.nanoTime()));
        }
    }
}
