package io.holdfast.store.jdbc;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.spi.Detail;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usage;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes fields of an object, one by one, where there are many objects. What is empty is left out. */
final class Fields {
    private Fields() {}

    static void write(JsonGenerator json, String field, @Nullable String text) throws IOException {
        if (text != null) {
            json.writeStringField(field, text);
        }
    }

    static void write(JsonGenerator json, String field, JsonNode node) throws IOException {
        json.writeFieldName(field);
        json.writeTree(node);
    }

    static void write(JsonGenerator json, String field, Amounts amounts) throws IOException {
        json.writeArrayFieldStart(field);
        json.writeNumber(amounts.cost());
        json.writeNumber(amounts.inputTokens());
        json.writeNumber(amounts.outputTokens());
        json.writeNumber(amounts.calls());
        json.writeEndArray();
    }

    static void write(JsonGenerator json, Detail detail) throws IOException {
        Usage usage = detail.usage();
        if (!usage.equals(Usage.NONE)) {
            json.writeArrayFieldStart("usage");
            json.writeNumber(usage.input());
            json.writeNumber(usage.cacheRead());
            json.writeNumber(usage.cacheWriteShort());
            json.writeNumber(usage.cacheWriteLong());
            json.writeNumber(usage.output());
            json.writeNumber(usage.extraCost().nanos());
            json.writeEndArray();
        }
        if (!detail.tags().isEmpty()) {
            json.writeObjectFieldStart("tags");
            for (Map.Entry<String, String> tag : detail.tags().entrySet()) {
                json.writeStringField(tag.getKey(), tag.getValue());
            }
            json.writeEndObject();
        }
    }
}
