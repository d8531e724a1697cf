package io.holdfast.store.jdbc;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("The tables of a database server")
@ParameterizedClass
@EnumSource(names = {"POSTGRESQL", "MARIADB"})
class ServerTest extends TablesTests {
    ServerTest(TestServer server) {
        super(server);
    }
}
