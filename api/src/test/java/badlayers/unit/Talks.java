package badlayers.unit;

import badlayers.pricing.Bad;
import java.time.Instant;
import java.util.logging.Logger;

/** Prints, logs past System.Logger, reads the clock of the machine, and uses prices outside the root. */
public class Talks {
    public static final Logger LOGGER = Logger.getLogger("bad");
    public Bad price;

    public Instant talk() {
        System.out.println("bad");
        return Instant.now();
    }
}
