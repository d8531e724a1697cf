package io.holdfast.webhooks;

import java.io.IOException;

/** Thrown when a host leads to an address that no webhook may go to; nothing was connected to. */
final class RefusedAddressException extends IOException {
    private static final long serialVersionUID = 1L;

    RefusedAddressException(String message) {
        super(message);
    }
}
