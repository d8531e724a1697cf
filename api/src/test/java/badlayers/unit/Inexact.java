package badlayers.unit;

import java.util.Arrays;

/** Money as floating point, in every place it can hide. */
public class Inexact {
    public double field;

    public Inexact(float parameter) {
        this.field = parameter;
    }

    public double result() {
        return field;
    }

    public void boxes(Double[] boxes) {}

    /** The one name that is allowed. */
    public boolean alertAt(double... shares) {
        return Arrays.stream(shares).allMatch(share -> share > 0);
    }
}
