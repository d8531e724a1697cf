package io.holdfast.limit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A model pattern")
class ModelPatternTest {
    @ParameterizedTest
    @CsvSource({
        "*, anything, true",
        "gpt-4o, gpt-4o, true",
        "gpt-4o, openai:gpt-4o, true",
        "GPT-4o, openai:gpt-4O, true",
        "gpt-4o, gpt-4o-mini, false",
        "gpt-4o, xgpt-4o, false",
        "openai:gpt-4o, gpt-4o, false",
        "openai:gpt-4o, openai:gpt-4o, true",
        "openai:gpt-4o, azure:gpt-4o, false",
        "openai:*, openai:gpt-4o, true",
        "openai:*, azure:openai:x, true",
        "claude-*, anthropic:claude-opus, true",
        "claude-*, claude-, true",
        "claude-*, claude, false",
        "*-mini, gpt-4o-mini, true",
        "*-mini, gpt-4o-mini-2, false",
        "a*b*c, axxbyyc, true",
        "a*b*c, abcbc, true",
        "a*b*c, acb, false",
        "a**c, ac, true",
        "a.c, abc, false",
        "a+, aa, false",
        "*a, 'b:a', true"
    })
    @DisplayName("covers the whole name or the part after the provider, whatever the case")
    void matches(String pattern, String model, boolean covers) {
        assertThat(ModelPattern.of(pattern).matches(model)).isEqualTo(covers);
    }

    @Test
    @Timeout(10)
    @DisplayName("does not take long over many stars")
    void stars() {
        ModelPattern pattern = ModelPattern.of("*a".repeat(120) + "b");
        String model = "a".repeat(250);
        for (int i = 0; i < 1_000; i++) {
            assertThat(pattern.matches(model)).isFalse();
        }
    }

    @Test
    @DisplayName("knows whether it names one model")
    void exact() {
        assertThat(ModelPattern.of("gpt-4o").exact()).isTrue();
        assertThat(ModelPattern.of("gpt-*").exact()).isFalse();
        assertThat(ModelPattern.of("*")).isEqualTo(ModelPattern.ANY);
        assertThat(ModelPattern.of("GPT")).isEqualTo(ModelPattern.of("gpt"));
    }
}
