package io.holdfast.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Writes texts that come again and again as numbers: the first {@value #MOST} of them; any other is written out. */
final class ShortTexts {
    private static final int MOST = 1_000;

    private final List<String> texts = new ArrayList<>();
    private final Map<String, Integer> numbers = new HashMap<>();

    void write(String text, PackedLog log) {
        Integer number = numbers.get(text);
        if (number == null && texts.size() < MOST) {
            texts.add(text);
            number = texts.size();
            numbers.put(text, number);
        }
        log.number(number == null ? 0 : number);
        if (number == null) {
            log.text(text);
        }
    }

    String read(PackedLog log) {
        int number = (int) log.number();
        return number == 0 ? log.text() : texts.get(number - 1);
    }
}
