/** What a ledger ought to do, told a second time and apart from the engine; for every test that compares a store with it. */
@org.jspecify.annotations.NullUnmarked
package io.holdfast.evidence.oracle;
