package io.holdfast.benchmark;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.ConfigurationBuilder;
import io.github.bucket4j.distributed.proxy.ProxyManager;
import io.github.bucket4j.postgresql.Bucket4jPostgreSQL;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;

/** Bucket4j on PostgreSQL by SELECT FOR UPDATE, with six bandwidths. It keeps no record of the calls. */
final class BucketPostgres implements Subject {
    private static final int POOL = 16;
    private static final long LIFETIME = 1L << 60;

    private final Ledgers.Empty database = Databases.fresh(Databases.POSTGRESQL);
    private final HikariDataSource source;
    private final List<Bucket> buckets = new ArrayList<>();
    private final LongAdder taken = new LongAdder();
    private final int threads;
    private final Figure figure;
    private final SplittableRandom random;

    BucketPostgres(int threads, int scopes, Figure figure, SplittableRandom random) throws SQLException {
        this.threads = threads;
        this.figure = figure;
        this.random = random;
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(database.url());
        config.setMaximumPoolSize(POOL);
        config.setConnectionTimeout(Duration.ofMinutes(5).toMillis());
        this.source = new HikariDataSource(config);
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE bucket (id BIGINT PRIMARY KEY, state BYTEA)");
        }
        ProxyManager<Long> manager =
                Bucket4jPostgreSQL.selectForUpdateBasedBuilder(source).build();
        ConfigurationBuilder configuration = BucketConfiguration.builder();
        for (int days = 1; days <= 5; days++) {
            Duration period = Duration.ofDays(days);
            configuration.addLimit(limit -> limit.capacity(1L << 40).refillIntervally(1, period));
        }
        configuration.addLimit(limit -> limit.capacity(LIFETIME).refillIntervally(1, Duration.ofDays(1_000)));
        BucketConfiguration built = configuration.build();
        for (long id = 0; id < scopes; id++) {
            buckets.add(manager.builder().build(id, () -> built));
        }
    }

    @Override
    public double run(Duration time) throws Exception {
        return figure.of(threads, time, () -> {
            SplittableRandom own = random.split();
            return () -> take(buckets.get(own.nextInt(buckets.size())));
        });
    }

    private Crew.Done take(Bucket bucket) {
        long start = System.nanoTime();
        if (!bucket.tryConsume(3)) {
            throw new IllegalStateException("the bucket ran empty");
        }
        long nanos = System.nanoTime() - start;
        taken.add(3);
        return new Crew.Done(1, nanos);
    }

    @Override
    public void audit() {
        long missing = 0;
        for (Bucket bucket : buckets) {
            missing += (1L << 40) - bucket.getAvailableTokens();
        }
        Audit.equal("tokens", missing, taken.sum());
    }

    @Override
    public void close() {
        source.close();
        database.drop().run();
    }
}
