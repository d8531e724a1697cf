package io.holdfast.webhooks;

import io.holdfast.error.InvalidInputException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs messages as the Standard Webhooks specification says, version v1: HMAC-SHA256 over id, time and body. */
final class Signer {
    private static final String PREFIX = "whsec_";
    private static final String ALGORITHM = "HmacSHA256";
    private static final int FEWEST_BYTES = 24;
    private static final int MOST_BYTES = 64;

    private final List<SecretKeySpec> keys;

    /**
     * Makes a signer.
     *
     * @param secrets each signs every message, so that a receiver may know any of them
     * @throws InvalidInputException if one is no secret; it is not repeated
     */
    Signer(List<String> secrets) {
        if (secrets.isEmpty()) {
            throw new InvalidInputException("webhook secrets", "none", "must be at least one");
        }
        keys = new ArrayList<>();
        for (String secret : secrets) {
            keys.add(key(secret));
        }
    }

    private static SecretKeySpec key(String secret) {
        try {
            if (secret.startsWith(PREFIX)) {
                byte[] bytes = Base64.getDecoder().decode(secret.substring(PREFIX.length()));
                if (bytes.length >= FEWEST_BYTES && bytes.length <= MOST_BYTES) {
                    return new SecretKeySpec(bytes, ALGORITHM);
                }
            }
        } catch (IllegalArgumentException noBase64) {
            // It is told below, without the text.
        }
        throw new InvalidInputException(
                "webhook secret",
                "(" + secret.length() + " characters)",
                "must be " + PREFIX + " and " + FEWEST_BYTES + " to " + MOST_BYTES + " bytes in base64");
    }

    /**
     * Returns the headers of a message.
     *
     * @param id the message
     * @param seconds when it is sent, in seconds since the epoch
     * @param body what is sent
     * @return three headers
     */
    Map<String, String> headers(String id, long seconds, String body) {
        byte[] content = (id + "." + seconds + "." + body).getBytes(StandardCharsets.UTF_8);
        List<String> signatures = new ArrayList<>();
        for (SecretKeySpec key : keys) {
            signatures.add("v1," + Base64.getEncoder().encodeToString(signed(key, content)));
        }
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("webhook-id", id);
        headers.put("webhook-timestamp", Long.toString(seconds));
        headers.put("webhook-signature", String.join(" ", signatures));
        return headers;
    }

    private static byte[] signed(SecretKeySpec key, byte[] content) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac.doFinal(content);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
