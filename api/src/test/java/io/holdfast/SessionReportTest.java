package io.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.error.InvalidInputException;
import io.holdfast.event.BudgetEvent;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.pricing.ModelPrice;
import io.holdfast.pricing.PriceBook;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A session says what it has spent, on what, and what is left; and its tools pay like its models. */
@DisplayName("A session")
@Timeout(60)
class SessionReportTest {
    private static final PriceBook PRICES = PriceBook.builtIn()
            .register(ModelPrice.of("acme", "lean").input("1").output("2").build())
            .register(ModelPrice.of("acme", "rich").input("10").output("20").build());

    private final ManualClock clock = new ManualClock();
    private final BudgetManager budgets = BudgetManager.builder()
            .clock(clock)
            .prices(PRICES)
            .sweepEvery(Duration.ofHours(1))
            .build();

    @AfterEach
    void close() {
        budgets.close();
    }

    private BudgetSession session(Limit... limits) {
        BudgetScope.Builder alice = BudgetScope.named("alice");
        for (Limit limit : limits) {
            alice.limit(limit);
        }
        budgets.register(alice.build());
        return budgets.budget("alice").session("ticket");
    }

    private static Limit perSession(String dollars) {
        return Limit.cost(Usd.of(dollars), Window.session());
    }

    private static Call million(String model) {
        return Call.to(model).exactly(Usage.of(1_000_000, 0));
    }

    @Test
    @DisplayName("reports its total by model and tool, its calls, tokens and time, and what is left")
    void report() {
        BudgetSession ticket = session(perSession("20"));
        ticket.reserve(million("lean")).commit(Usage.of(1_000_000, 0));
        clock.advance(Duration.ofSeconds(30));
        ticket.reserve(million("rich").tag("tool", "coder")).commit(Usage.of(1_000_000, 0));
        ticket.track("search", Usd.of("0.50"));
        budgets.budget("alice").session("other").reserve(million("rich")).close();
        SessionReport report = ticket.report();
        assertThat(report.session()).isEqualTo("ticket");
        assertThat(report.total()).isEqualTo(Usd.of("11.50")).isEqualTo(ticket.spent());
        assertThat(report.remaining()).contains(Usd.of("8.50"));
        assertThat(report.calls()).isEqualTo(3);
        assertThat(report.tokens()).isEqualTo(2_000_000);
        assertThat(report.byModel().toString()).isEqualTo("{acme:rich=10.00, acme:lean=1.00}");
        assertThat(report.byTool().toString()).isEqualTo("{coder=10.00, search=0.50}");
        assertThat(report.duration()).isEqualTo(Duration.ofSeconds(30));
        assertThat(report.ended()).isEmpty();
        assertThat(report.toString().lines().toList())
                .containsExactly(
                        "session 'ticket': 11.50 USD in 3 calls, 2000000 tokens, 30 s, 8.50 USD left",
                        "  acme:rich: 10.00 USD",
                        "  acme:lean: 1.00 USD",
                        "  tool coder: 10.00 USD",
                        "  tool search: 0.50 USD");
    }

    @Test
    @DisplayName("reports nothing before its first charge")
    void empty() {
        BudgetSession ticket = session(perSession("20"));
        SessionReport report = ticket.report();
        assertThat(report.total()).isEqualTo(Usd.ZERO);
        assertThat(report.calls()).isZero();
        assertThat(report.duration()).isZero();
        assertThat(report.began()).isEmpty();
        assertThat(ticket.spent()).isEqualTo(Usd.ZERO);
    }

    @Test
    @DisplayName("knows what it has spent without a limit of its own, a late commit counted once")
    void withoutLimit() {
        BudgetSession ticket = session();
        Reservation hold = ticket.reserve(million("rich").ttl(Duration.ofMinutes(1)));
        clock.advance(Duration.ofMinutes(5));
        ticket.summary();
        assertThat(ticket.spent()).isEqualTo(Usd.of("10"));
        hold.commit(Usage.of(300_000, 0));
        assertThat(ticket.spent()).isEqualTo(Usd.of("3"));
        assertThat(ticket.report().calls()).isOne();
    }

    @Test
    @DisplayName("says what ended it, and what befell it")
    void ended() {
        BudgetSession ticket = session(perSession("10").alertAt(0.5));
        ticket.reserve(million("rich")).commit(Usage.of(900_000, 0));
        assertThat(ticket.tryReserve(million("rich")).allowed()).isFalse();
        SessionReport report = ticket.report();
        assertThat(report.ended().orElseThrow())
                .contains("scope 'alice' limit cost/session session 'ticket'", "used 9.00 USD", "limit 10.00 USD");
        assertThat(report.events()).hasSize(2);
        assertThat(report.events().get(0)).isInstanceOf(BudgetEvent.AlertReached.class);
        assertThat(report.events().get(1)).isInstanceOf(BudgetEvent.CallRefused.class);
    }

    @Test
    @DisplayName("books what its tools cost, and refuses after the fact what passes a limit")
    void track() {
        BudgetSession ticket = session(
                perSession("1"), Limit.cost(Usd.of("0.60"), Window.lifetime()).forModels("tool:*"));
        assertThat(ticket.track("search", Usd.of("0.50")).allowed()).isTrue();
        Decision<Charge> second = ticket.track("search", Usd.of("0.20"));
        assertThat(second.allowed()).isFalse();
        assertThat(ticket.spent()).isEqualTo(Usd.of("0.70"));
        assertThatThrownBy(() -> ticket.track("", Usd.of("1"))).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> ticket.track("x".repeat(300), Usd.of("1"))).isInstanceOf(InvalidInputException.class);
    }

    @Test
    @DisplayName("makes a function pay before each call, also where it throws")
    void trackAll() {
        BudgetSession ticket = session(perSession("1"));
        Function<Integer, Integer> half = ticket.trackAll("half", Usd.of("0.30"), number -> {
            if (number % 2 == 1) {
                throw new IllegalArgumentException("odd");
            }
            return number / 2;
        });
        assertThat(half.apply(4)).isEqualTo(2);
        assertThatThrownBy(() -> half.apply(3)).isInstanceOf(IllegalArgumentException.class);
        assertThat(half.apply(2)).isEqualTo(1);
        assertThat(ticket.spent()).isEqualTo(Usd.of("0.90"));
        assertThatThrownBy(() -> half.apply(8)).isInstanceOf(BudgetExceededException.class);
        assertThat(ticket.report().byTool().toString()).isEqualTo("{half=0.90}");
        assertThat(ticket.summary().openHolds()).isZero();
    }

    @Test
    @DisplayName("tells a child's spend from its parent's, which has both")
    void children() {
        BudgetSession ticket = session(perSession("20"));
        ticket.reserve(million("lean")).commit(Usage.of(1_000_000, 0));
        BudgetSession child = ticket.child("research", Usd.of("5"));
        child.reserve(million("lean")).commit(Usage.of(1_000_000, 0));
        child.child("deeper", Usd.of("3")).track("search", Usd.of("0.25"));
        assertThat(child.spent()).isEqualTo(Usd.of("1.25"));
        assertThat(child.report().total()).isEqualTo(Usd.of("1.25"));
        assertThat(ticket.report().total()).isEqualTo(Usd.of("2.25")).isEqualTo(ticket.spent());
        assertThat(ticket.child("other", Usd.of("1"))
                        .tryReserve(million("lean").input(2))
                        .allowed())
                .isTrue();
        BudgetSession stopped = ticket.child("stopped", Usd.of("0.50"));
        assertThat(stopped.tryReserve(million("lean")).allowed()).isFalse();
        assertThatThrownBy(() -> stopped.child("more", Usd.of("0.51"))).isInstanceOf(BudgetExceededException.class);
        Reservation over = stopped.reserve(Call.to("lean").exactly(Usage.of(1, 0)));
        over.commit(Usage.of(2, 0));
        assertThat(stopped.report().ended().orElseThrow())
                .contains("child session refused", "session 'ticket/stopped'", "asked 0.51 USD");
        assertThat(stopped.report().events())
                .extracting(event -> event.getClass().getSimpleName())
                .containsExactly("CallRefused", "CallRefused", "CallOvershot");
        assertThat(child.report().ended()).as("a sibling was refused").isEmpty();
        assertThat(child.report().events()).isEmpty();
        assertThat(ticket.report().events()).hasSize(3);
        child.close();
        assertThat(child.report().ended()).contains("closed");
        assertThat(List.of(child.report().session())).containsExactly("ticket/research");
    }
}
