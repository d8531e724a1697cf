package badlayers;

import badlayers.unit.Bad;

/** Closes a cycle between the root and a layer. */
public class Manager {
    public Bad bad;
}
