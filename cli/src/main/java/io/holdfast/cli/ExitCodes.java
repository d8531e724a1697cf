package io.holdfast.cli;

import io.holdfast.BudgetExceededException;
import io.holdfast.RejectedException;
import io.holdfast.error.InvalidInputException;
import io.holdfast.pricing.PriceFileException;
import io.holdfast.pricing.UnknownModelException;
import io.holdfast.pricing.UnknownPriceException;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the program ends with. */
final class ExitCodes {
    /** It was done. */
    static final int OK = 0;

    /** A check failed, a webhook did not arrive, or the ledger or the output could not be used. */
    static final int FAILED = 1;

    /** What the user gave breaks a rule. */
    static final int BAD_INPUT = 2;

    /** A budget refused, or a model has no price. */
    static final int REFUSED = 3;

    private ExitCodes() {}

    /** Returns the lines of the help. */
    static Map<String, String> described() {
        Map<String, String> lines = new LinkedHashMap<>();
        lines.put(" " + OK, "done");
        lines.put(" " + FAILED, "a check failed, a webhook did not arrive, or the ledger or the output cannot be used");
        lines.put(" " + BAD_INPUT, "bad usage or input; nothing was changed");
        lines.put(" " + REFUSED, "refused by a budget, or a model without a price");
        return lines;
    }

    static int of(Throwable failure) {
        if (failure instanceof CommandException named) {
            return named.exitCode();
        }
        if (failure instanceof InvalidInputException
                || failure instanceof PriceFileException
                || failure instanceof RejectedException) {
            return BAD_INPUT;
        }
        if (failure instanceof BudgetExceededException
                || failure instanceof UnknownModelException
                || failure instanceof UnknownPriceException) {
            return REFUSED;
        }
        return FAILED;
    }
}
