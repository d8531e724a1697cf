package io.holdfast.pricing;

import io.holdfast.error.HoldfastException;

/** Thrown when a model is known but nobody knows its price for what was asked; nothing is guessed in its place. */
public final class UnknownPriceException extends HoldfastException {
    private static final long serialVersionUID = 1L;

    private final String model;
    private final String priced;

    UnknownPriceException(String model, String priced) {
        super("the price of " + priced + " of model '" + model + "' is not known");
        this.model = model;
        this.priced = priced;
    }

    /**
     * The model without that price.
     *
     * @return its canonical {@code provider:model}
     */
    public String model() {
        return model;
    }

    /**
     * What has no known price.
     *
     * @return for example {@code "batch jobs"}, {@code "flex processing"} or {@code "output tokens"}
     */
    public String priced() {
        return priced;
    }
}
