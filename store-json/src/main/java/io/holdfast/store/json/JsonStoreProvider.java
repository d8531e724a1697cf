package io.holdfast.store.json;

import io.holdfast.error.InvalidInputException;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStoreProvider;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** Opens {@code json:DIRECTORY}. */
public final class JsonStoreProvider implements LedgerStoreProvider {
    private static final String SCHEME = "json";

    /** Makes the provider, as {@link java.util.ServiceLoader} does. */
    public JsonStoreProvider() {}

    @Override
    public String scheme() {
        return SCHEME;
    }

    @Override
    public LedgerStore open(String url, @Nullable InstantSource clock) {
        String directory = url.substring(SCHEME.length() + 1);
        if (directory.isBlank()) {
            throw new InvalidInputException("store", url, "must name a directory, as in json:/var/lib/ledger");
        }
        Path path;
        try {
            path = Path.of(directory);
        } catch (InvalidPathException invalid) {
            throw new InvalidInputException("store", url, "must name a directory: " + invalid.getReason());
        }
        return JsonStore.open(path, clock);
    }
}
