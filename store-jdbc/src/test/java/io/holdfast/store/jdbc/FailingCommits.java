package io.holdfast.store.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/** Connections of which, as told, one fails in its next commit by the thread that told so: before it took effect, or after. */
final class FailingCommits {
    private final DataSource source;
    private final AtomicInteger failed = new AtomicInteger();
    private final ThreadLocal<Integer> next = ThreadLocal.withInitial(() -> NONE);

    private static final int NONE = 0;
    private static final int BEFORE = 1;
    private static final int AFTER = 2;

    FailingCommits(DataSource source) {
        this.source = source;
    }

    void failNext(boolean before) {
        next.set(before ? BEFORE : AFTER);
    }

    int failed() {
        return failed.get();
    }

    DataSource source() {
        return (DataSource) Proxy.newProxyInstance(
                FailingCommits.class.getClassLoader(), new Class<?>[] {DataSource.class}, (self, method, arguments) -> {
                    Object result = invoke(source, method, arguments);
                    return result instanceof Connection connection ? connection(connection) : result;
                });
    }

    private Connection connection(Connection connection) {
        return (Connection) Proxy.newProxyInstance(
                FailingCommits.class.getClassLoader(), new Class<?>[] {Connection.class}, (self, method, arguments) -> {
                    int fault = method.getName().equals("commit") ? next.get() : NONE;
                    if (fault == BEFORE) {
                        connection.rollback();
                    } else {
                        Object result = invoke(connection, method, arguments);
                        if (fault == NONE) {
                            return result;
                        }
                    }
                    next.set(NONE);
                    failed.incrementAndGet();
                    throw new SQLException("the connection was lost", "08006");
                });
    }

    private static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException failure) {
            throw failure.getCause();
        }
    }
}
