package badlayers.internal;

import badlayers.Manager;

/** Uses the root package, which no layer below it may. */
public class Bad {
    public Manager manager;
}
