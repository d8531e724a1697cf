package io.holdfast.store.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** A data source whose connections tell of each step they take, and let it be changed or fail. */
final class MeddledSource {
    static final String COMMIT = "COMMIT";
    static final String ROLLBACK = "ROLLBACK";
    static final String COPY = "COPY";

    private MeddledSource() {}

    /** Meddles with the steps of connections: statements that are executed, by their SQL, commits and rollbacks. */
    interface Meddler {
        /** Returns the SQL to prepare in place of this. */
        default String sql(String sql) {
            return sql;
        }

        /** Tells whether connections let rows be copied by way of their driver. */
        default boolean copies() {
            return true;
        }

        /** Is told of a step before it is taken; what it throws is thrown instead. */
        default void before(Connection connection, String step) throws SQLException {}

        /** Is told of a step after it was taken; what it throws is thrown in place of the answer. */
        default void after(Connection connection, String step) throws SQLException {}
    }

    static DataSource of(DataSource source, Meddler meddler) {
        return proxy(DataSource.class, (self, method, arguments) -> {
            Object result = invoke(source, method, arguments);
            return result instanceof Connection connection ? connection(connection, meddler) : result;
        });
    }

    private static Connection connection(Connection connection, Meddler meddler) {
        return proxy(Connection.class, (self, method, arguments) -> {
            switch (method.getName()) {
                case "commit":
                    return step(connection, meddler, COMMIT, connection, method, arguments);
                case "rollback":
                    return step(connection, meddler, ROLLBACK, connection, method, arguments);
                case "isWrapperFor":
                    return meddler.copies() && (boolean) invoke(connection, method, arguments);
                case "unwrap":
                    return step(connection, meddler, COPY, connection, method, arguments);
                case "prepareStatement":
                    String sql = meddler.sql((String) arguments[0]);
                    arguments[0] = sql;
                    Object prepared = invoke(connection, method, arguments);
                    return statement(PreparedStatement.class, prepared, sql, connection, meddler);
                case "createStatement":
                    Object created = invoke(connection, method, arguments);
                    return statement(Statement.class, created, null, connection, meddler);
                default:
                    return invoke(connection, method, arguments);
            }
        });
    }

    private static Object statement(
            Class<? extends Statement> type,
            Object statement,
            @Nullable String sql,
            Connection connection,
            Meddler meddler) {
        return proxy(type, (self, method, arguments) -> {
            if (!method.getName().startsWith("execute")) {
                return invoke(statement, method, arguments);
            }
            if (sql == null) {
                arguments[0] = meddler.sql((String) arguments[0]);
            }
            String step = sql == null ? (String) arguments[0] : sql;
            return step(connection, meddler, step, statement, method, arguments);
        });
    }

    private static @Nullable Object step(
            Connection connection,
            Meddler meddler,
            String step,
            Object target,
            Method method,
            @Nullable Object[] arguments)
            throws Throwable {
        meddler.before(connection, step);
        Object result = invoke(target, method, arguments);
        meddler.after(connection, step);
        return result;
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(MeddledSource.class.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private static @Nullable Object invoke(Object target, Method method, @Nullable Object[] arguments)
            throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException failure) {
            throw failure.getCause();
        }
    }
}
