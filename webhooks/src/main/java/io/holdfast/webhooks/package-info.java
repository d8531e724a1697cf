/**
 * Delivers what waits in a ledger's outbox as webhooks: signed as the Standard Webhooks specification says, and only to
 * addresses that are neither private nor this machine's.
 */
@NullMarked
package io.holdfast.webhooks;

import org.jspecify.annotations.NullMarked;
