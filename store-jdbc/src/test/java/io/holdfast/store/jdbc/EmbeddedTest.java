package io.holdfast.store.jdbc;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("The tables of an embedded database")
@ParameterizedClass
@EnumSource(names = {"H2", "SQLITE"})
class EmbeddedTest extends TablesTests {
    EmbeddedTest(TestServer server) {
        super(server);
    }
}
