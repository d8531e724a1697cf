package io.holdfast.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.spi.Change;
import io.holdfast.spi.CorruptLedgerException;
import io.holdfast.spi.Detail;
import io.holdfast.spi.EntryKind;
import io.holdfast.spi.NoticeKind;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.OperationId;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Changes in a row of the journal")
class ChangesInARowTest {
    private static final Amounts AMOUNTS = new Amounts(Long.MAX_VALUE, 3, 4, 1);
    private static final Amounts UNPRICED = new Amounts(Amounts.UNPRICED, 3, 4, 1);
    private static final Detail DETAIL =
            new Detail(new Usage(1, 2, 3, 4, 5, Usd.ofNanos(6)), Map.of("team", "\"quoted\" \\ ü \n'; DROP"));

    private static String text(List<Change> changes) {
        return ChangeWriter.first(changes, Integer.MAX_VALUE).text();
    }

    @Test
    @DisplayName("are read as they were written, whatever time they are of")
    void roundTrip() {
        List<Change> changes = List.of(
                new Change.ImportBegun(1, "copy"),
                new Change.Held(
                        5,
                        OperationId.made(),
                        "s",
                        "session",
                        "model",
                        AMOUNTS,
                        7,
                        9,
                        OnExpiry.CHARGE,
                        List.of(),
                        "key",
                        "allotment",
                        Long.MIN_VALUE,
                        DETAIL),
                new Change.Held(
                        5,
                        OperationId.given("given"),
                        "s",
                        null,
                        "model",
                        UNPRICED,
                        0,
                        9,
                        OnExpiry.RELEASE,
                        List.of(),
                        null,
                        null,
                        -1,
                        Detail.NONE),
                new Change.Allotted(6, OperationId.made(), "s", "session", null, "child", 8, 9, 10),
                new Change.Committed(4, "h", "s", null, "model", EntryKind.LATE, AMOUNTS, UNPRICED, DETAIL),
                new Change.Committed(4, "h", "s", "x", "model", EntryKind.COMMITTED, AMOUNTS, null, Detail.NONE),
                new Change.Released(7, "h", "s"),
                new Change.Expired(7, "h", "s", null, "model", 3, AMOUNTS, Detail.NONE),
                new Change.Expired(7, "h", "s", null, "model", 3, null, DETAIL),
                new Change.Extended(8, OperationId.given("e"), "h", "s", 10, 11),
                new Change.Booked(8, OperationId.given("b"), "s", null, "model", AMOUNTS, null, null, 12, DETAIL),
                new Change.SessionReset(8, OperationId.made(), "s", "session"),
                new Change.Defined(9, Ops.define("s", 5).definition()),
                new Change.Removed(9, "s", true),
                new Change.Subscribed(9, "hook", Set.of(NoticeKind.values()[0])),
                new Change.Dequeued(9, "hook", "m", true),
                new Change.Dequeued(9, "hook", "m", false),
                new Change.Claimed(9, "hook", "worker", 12),
                new Change.Dropped(9, "hook"),
                new Change.Unsubscribed(9, "hook", true),
                new Change.Unsubscribed(9, "hook", false),
                new Change.ImportEnded(9));
        assertThat(ChangeReader.changes(text(changes), 1)).isEqualTo(changes);
        List<JournalRow> rows = JournalRow.of(10, changes);
        assertThat(rows).hasSize(1);
        assertThat(rows.get(0).first()).isEqualTo(11);
        assertThat(rows.get(0).last()).isEqualTo(10 + changes.size());
        assertThat(rows.get(0).firstAt()).isEqualTo(1);
        assertThat(rows.get(0).lastAt()).isEqualTo(9);
    }

    @Test
    @DisplayName("leave out what was said before in the row, and nothing else")
    void saidBefore() {
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            changes.add(held(5, "h" + i, "s", null, AMOUNTS, 9));
        }
        changes.add(held(6, "h3", "s", "session", UNPRICED, 10));
        changes.add(held(6, "h4", "s", null, UNPRICED, 10));
        changes.add(new Change.Committed(6, "h4", "s", null, "m", EntryKind.COMMITTED, AMOUNTS, null, DETAIL));
        changes.add(new Change.Committed(6, "h3", "s", null, "m", EntryKind.LATE, AMOUNTS, UNPRICED, Detail.NONE));
        changes.add(new Change.Expired(6, "h5", "s", null, "m", 3, null, Detail.NONE));
        assertThat(ChangeReader.changes(text(changes), 1)).isEqualTo(changes);
        assertThat(text(changes)).contains(",{\"id\":\"h1\",\"given\":true},{\"id\":\"h2\",\"given\":true},");
    }

    @Test
    @DisplayName("are read also where each says everything")
    void saidAgain() {
        String whole = "{\"kind\":\"held\",\"at\":5,\"id\":\"h\",\"scope\":\"s\",\"model\":\"m\",\"amounts\":[1,2,3,4],"
                + "\"expires\":9,\"on_expiry\":\"charge\",\"fingerprint\":0}";
        List<Change> read = ChangeReader.changes("[" + whole + "," + whole + "]", 1);
        assertThat(read).hasSize(2);
        assertThat(read.get(1)).isEqualTo(read.get(0));
    }

    @Test
    @DisplayName("are refused where a row leaves out what it has not said")
    void neverSaid() {
        String first = text(List.of(held(5, "h", "s", null, AMOUNTS, 9)));
        for (String field : List.of("\"kind\":\"held\",", "\"at\":5,", "\"scope\":\"s\",", "\"expires\":9,")) {
            assertThat(first).contains(field);
            assertThatThrownBy(() -> ChangeReader.changes(first.replace(field, ""), 7))
                    .isInstanceOf(CorruptLedgerException.class)
                    .hasMessageContaining("change 7");
        }
    }

    private static Change.Held held(
            long at, String id, String scope, @Nullable String session, Amounts amounts, long expires) {
        return new Change.Held(
                at,
                OperationId.given(id),
                scope,
                session,
                "m",
                amounts,
                0,
                expires,
                OnExpiry.CHARGE,
                List.of(),
                null,
                null,
                0,
                Detail.NONE);
    }

    @Test
    @DisplayName("are refused with their number where they are damaged, too few or too many")
    void damaged() {
        String one = text(List.of(new Change.Released(7, "h", "s")));
        assertThatThrownBy(() -> ChangeReader.changes(one.replace("\"hold\"", "\"cold\""), 5))
                .isInstanceOf(CorruptLedgerException.class)
                .hasMessageContaining("change 5");
        assertThatThrownBy(() -> ChangeReader.changes(one.replace("released", "exploded"), 5))
                .isInstanceOf(CorruptLedgerException.class);
        assertThatThrownBy(() -> ChangeReader.changes(one.substring(1), 5)).isInstanceOf(CorruptLedgerException.class);
        assertThatThrownBy(() -> new JournalRow(5, 6, 7, 7, one).list())
                .isInstanceOf(CorruptLedgerException.class)
                .hasMessageContaining("5 to 6");
    }

    @Test
    @DisplayName("of a large batch stand in several rows that follow one another")
    void large() {
        List<Change> changes = java.util.Collections.nCopies(1_300, new Change.Released(7, "h", "s"));
        List<JournalRow> rows = JournalRow.of(0, changes);
        assertThat(rows).extracting(JournalRow::first).containsExactly(1L, 513L, 1025L);
        assertThat(rows).extracting(JournalRow::last).containsExactly(512L, 1024L, 1300L);
    }

    @Test
    @DisplayName("of a batch with much to say stand in rows that are not much longer than 200,000 characters")
    void longOnes() {
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            changes.add(new Change.Released(7, "h" + "x".repeat(9_000), "s"));
        }
        List<JournalRow> rows = JournalRow.of(0, changes);
        assertThat(rows)
                .hasSize(5)
                .allSatisfy(row -> assertThat(row.changes().length()).isLessThan(210_000));
        assertThat(rows.stream().flatMap(row -> row.list().stream())).containsExactlyElementsOf(changes);
        assertThat(rows.get(4).last()).isEqualTo(100);
    }
}
