package io.holdfast.internal.outage;

import io.holdfast.spi.Detail;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns records of the spool into bytes and back. */
final class RecordCodec {
    private static final int OPENED = 1;
    private static final int COMMIT = 2;
    private static final int RELEASE = 3;
    private static final int BOOK = 4;
    private static final int VOIDED = 5;
    private static final int DONE = 6;
    private static final int INSTEAD = 7;

    private RecordCodec() {}

    static byte[] bytes(SpoolRecord record) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try {
            write(record, new DataOutputStream(bytes));
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
        return bytes.toByteArray();
    }

    static SpoolRecord record(byte[] bytes) throws IOException {
        return read(new DataInputStream(new ByteArrayInputStream(bytes)));
    }

    private static void write(SpoolRecord record, DataOutputStream out) throws IOException {
        if (record instanceof SpoolRecord.Opened opened) {
            Operation.Reserve op = opened.reserve();
            out.writeByte(OPENED);
            writeId(op.id(), out);
            writeRequest(op.request(), out);
            out.writeLong(op.ttlMillis());
            out.writeUTF(op.onExpiry().name());
            writeDetail(op.detail(), out);
        } else if (record instanceof SpoolRecord.Owed owed) {
            writeOwed(owed.operation(), out);
        } else if (record instanceof SpoolRecord.Voided voided) {
            out.writeByte(VOIDED);
            out.writeUTF(voided.scope());
            out.writeUTF(voided.holdId());
        } else if (record instanceof SpoolRecord.Done done) {
            out.writeByte(DONE);
            writeNumbers(done.numbers(), out);
        } else if (record instanceof SpoolRecord.Instead instead) {
            out.writeByte(INSTEAD);
            writeNumbers(instead.numbers(), out);
            write(instead.record(), out);
        }
    }

    private static void writeNumbers(List<Long> numbers, DataOutputStream out) throws IOException {
        out.writeInt(numbers.size());
        for (long number : numbers) {
            out.writeLong(number);
        }
    }

    private static void writeOwed(Operation operation, DataOutputStream out) throws IOException {
        if (operation instanceof Operation.Commit op) {
            out.writeByte(COMMIT);
            out.writeUTF(op.scope());
            out.writeUTF(op.holdId());
            writeAmounts(op.amounts(), out);
            out.writeBoolean(op.estimated());
            writeDetail(op.detail(), out);
        } else if (operation instanceof Operation.Release op) {
            out.writeByte(RELEASE);
            out.writeUTF(op.scope());
            out.writeUTF(op.holdId());
        } else if (operation instanceof Operation.Book op) {
            out.writeByte(BOOK);
            writeId(op.id(), out);
            writeCall(op.scope(), op.session(), op.model(), op.amounts(), out);
            writeText(op.loopKey(), out);
            writeText(op.allotment(), out);
            writeDetail(op.detail(), out);
        } else {
            throw new IllegalArgumentException("nothing to be owed: " + operation);
        }
    }

    private static SpoolRecord read(DataInputStream in) throws IOException {
        int kind = in.readByte();
        return switch (kind) {
            case OPENED ->
                new SpoolRecord.Opened(new Operation.Reserve(
                        readId(in), readRequest(in), in.readLong(), OnExpiry.valueOf(in.readUTF()), readDetail(in)));
            case COMMIT ->
                new SpoolRecord.Owed(new Operation.Commit(
                        in.readUTF(), in.readUTF(), readAmounts(in), in.readBoolean(), readDetail(in)));
            case RELEASE -> new SpoolRecord.Owed(new Operation.Release(in.readUTF(), in.readUTF()));
            case BOOK ->
                new SpoolRecord.Owed(new Operation.Book(
                        readId(in),
                        in.readUTF(),
                        readText(in),
                        in.readUTF(),
                        readAmounts(in),
                        readText(in),
                        readText(in),
                        readDetail(in)));
            case VOIDED -> new SpoolRecord.Voided(in.readUTF(), in.readUTF());
            case DONE -> new SpoolRecord.Done(readNumbers(in));
            case INSTEAD -> new SpoolRecord.Instead(readNumbers(in), read(in));
            default -> throw new IOException("a record of unknown kind " + kind);
        };
    }

    private static List<Long> readNumbers(DataInputStream in) throws IOException {
        List<Long> numbers = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            numbers.add(in.readLong());
        }
        return numbers;
    }

    private static void writeId(OperationId id, DataOutputStream out) throws IOException {
        out.writeUTF(id.value());
        out.writeBoolean(id.given());
    }

    private static OperationId readId(DataInputStream in) throws IOException {
        return new OperationId(in.readUTF(), in.readBoolean());
    }

    /** A call that went ahead unchecked went ahead as asked, so that no other offer is kept. */
    private static void writeRequest(Operation.Request request, DataOutputStream out) throws IOException {
        Operation.Offer asked = request.asked();
        writeCall(request.scope(), request.session(), asked.model(), asked.amounts(), out);
        Operation.Policy policy = request.policy();
        out.writeBoolean(policy.finalCall());
        writeText(policy.loopKey(), out);
        out.writeLong(policy.leastOutput());
        writeText(request.allotment(), out);
    }

    private static Operation.Request readRequest(DataInputStream in) throws IOException {
        String scope = in.readUTF();
        String session = readText(in);
        String model = in.readUTF();
        Operation.Offer asked = new Operation.Offer(model, model, readAmounts(in));
        return new Operation.Request(
                scope,
                session,
                List.of(asked),
                null,
                new Operation.Policy(in.readBoolean(), readText(in), in.readLong()),
                readText(in));
    }

    private static void writeCall(
            String scope, @Nullable String session, String model, Amounts amounts, DataOutputStream out)
            throws IOException {
        out.writeUTF(scope);
        writeText(session, out);
        out.writeUTF(model);
        writeAmounts(amounts, out);
    }

    private static void writeText(@Nullable String text, DataOutputStream out) throws IOException {
        out.writeUTF(text == null ? "" : text);
    }

    private static @Nullable String readText(DataInputStream in) throws IOException {
        String text = in.readUTF();
        return text.isEmpty() ? null : text;
    }

    private static void writeAmounts(Amounts amounts, DataOutputStream out) throws IOException {
        out.writeLong(amounts.cost());
        out.writeLong(amounts.inputTokens());
        out.writeLong(amounts.outputTokens());
        out.writeLong(amounts.calls());
    }

    private static Amounts readAmounts(DataInputStream in) throws IOException {
        return new Amounts(in.readLong(), in.readLong(), in.readLong(), in.readLong());
    }

    private static void writeDetail(Detail detail, DataOutputStream out) throws IOException {
        Usage usage = detail.usage();
        out.writeLong(usage.input());
        out.writeLong(usage.cacheRead());
        out.writeLong(usage.cacheWriteShort());
        out.writeLong(usage.cacheWriteLong());
        out.writeLong(usage.output());
        out.writeLong(usage.extraCost().nanos());
        out.writeInt(detail.tags().size());
        for (Map.Entry<String, String> tag : detail.tags().entrySet()) {
            out.writeUTF(tag.getKey());
            out.writeUTF(tag.getValue());
        }
    }

    private static Detail readDetail(DataInputStream in) throws IOException {
        Usage usage = new Usage(
                in.readLong(), in.readLong(), in.readLong(), in.readLong(), in.readLong(), Usd.ofNanos(in.readLong()));
        Map<String, String> tags = new LinkedHashMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            tags.put(in.readUTF(), in.readUTF());
        }
        return new Detail(usage, tags);
    }
}
