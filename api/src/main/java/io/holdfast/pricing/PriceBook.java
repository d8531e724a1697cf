package io.holdfast.pricing;

import io.holdfast.error.InvalidInputException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Model names and their dated prices. A name is known or it is not: an unknown model has no price, unless the user of this
 * book says what it costs with {@link #register}, {@link #fallback} or {@link #declareFree}.
 *
 * <p>For use by several threads. A change takes effect for the next lookup as a whole; a change that is refused takes no
 * effect at all.
 *
 * <p><b>How a name is looked up.</b> Case does not matter (A to Z), the first hit wins, and nothing is ever matched by
 * prefix, substring or similarity:
 * <ol>
 *   <li>A trailing {@code [1m]}, a leading {@code models/} and a leading {@code openrouter/} are dropped. A trailing
 *       {@code :free} is dropped and the price is zero, except from the name of a fine-tuned model. Any other
 *       {@code :variant} stays, and so ends unknown.
 *   <li>A known first path part ({@code openai/}, {@code anthropic/}, {@code google/}, {@code gemini/}, {@code vertex_ai/},
 *       {@code mistral/}, {@code mistralai/}, {@code cohere/}, {@code cohere_chat/}, {@code deepseek/}, {@code xai/},
 *       {@code x-ai/}, {@code groq/}, {@code together_ai/}, {@code bedrock/}, {@code azure/}) sets the provider;
 *       {@code vertex_ai/} goes on to Google, then Anthropic. A canonical {@code provider:model} sets it too, and so does
 *       the path part of a provider that has rows in this book, where the whole name is not itself a name.
 *   <li>The exact model, then the exact alias. Without a provider: OpenAI, Anthropic, Google, Mistral, Cohere, DeepSeek,
 *       xAI, Bedrock, Vertex, Azure, Groq, Together, then others by their names.
 *   <li>Claude only: {@code 4.5} between digits is {@code 4-5}.
 *   <li>One valid date at the end ({@code @YYYYMMDD}, {@code -YYYYMMDD}, {@code -YYYY-MM-DD}), or else
 *       {@code @default}, {@code @latest}, {@code -latest} or Gemini's {@code -001}, is dropped and the rest must be exact.
 *   <li>{@code ft:<base>[-date]:…} is the row {@code ft:<base>}.
 *   <li>Otherwise the name is unknown: a point release is not its sibling, and a Bedrock geography without a row may cost
 *       something else.
 * </ol>
 */
public final class PriceBook {
    private final Object changing = new Object();
    private volatile State state;

    private PriceBook(PriceIndex index) {
        this.state = new State(index, null);
    }

    /**
     * Returns a new book with the built-in prices.
     *
     * @return a book of its own; changes to it are not seen by others
     */
    public static PriceBook builtIn() {
        return new PriceBook(BuiltInPrices.INDEX);
    }

    /**
     * Returns a new book without any price.
     *
     * @return an empty book
     */
    public static PriceBook empty() {
        return new PriceBook(PriceIndex.EMPTY);
    }

    /**
     * Returns a new book with the prices of a file in place of the built-in ones.
     *
     * @param file a price file
     * @return a book of its own
     * @throws PriceFileException if the file cannot be read or breaks a rule
     */
    public static PriceBook load(Path file) {
        return empty().layer(file);
    }

    /**
     * Adds a price, in place of every price of the same provider and model. The model keeps the aliases it had.
     * Every change makes the book's index anew; add many prices with {@link #registerAll}.
     *
     * @param price the price, for all time
     * @return this book
     */
    public PriceBook register(ModelPrice price) {
        return add(List.of(Timeline.of(price)));
    }

    /**
     * Adds a price that begins on a day. Prices of the same provider and model that began earlier hold until then, and those
     * that begin later hold from then.
     *
     * @param price the price
     * @param from the first day it holds, from midnight UTC
     * @return this book
     */
    public PriceBook register(ModelPrice price, LocalDate from) {
        return add(List.of(Timeline.from(from, price)));
    }

    /**
     * Adds prices, all or none of them; see {@link #register(ModelPrice)}.
     *
     * @param prices the prices, each of another model
     * @return this book
     * @throws InvalidInputException if two of them have the same provider and model, or the same alias at a provider
     */
    public PriceBook registerAll(Collection<ModelPrice> prices) {
        List<Timeline> added = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (ModelPrice price : prices) {
            if (!ids.add(price.id())) {
                throw new InvalidInputException("model", price.id(), "must not be given twice");
            }
            added.add(Timeline.of(price));
        }
        return add(added);
    }

    /**
     * Lays the prices of a file over this book: the file's models replace those of the same provider and model, all others
     * stay. A model that has only rows with a from date changes on those days. An alias of the file moves to the file's
     * model.
     *
     * @param file a price file
     * @return this book
     * @throws PriceFileException if the file cannot be read or breaks a rule; nothing was changed
     */
    public PriceBook layer(Path file) {
        return add(PriceFile.read(file));
    }

    /**
     * Lays another book over this one, as it is now: its models replace those of the same provider and model, all others
     * stay. Its fallback price, if it has one, replaces this book's.
     *
     * @param over the other book
     * @return this book
     */
    public PriceBook layer(PriceBook over) {
        State top = over.state;
        change(before ->
                new State(before.index.layered(top.index), top.fallback == null ? before.fallback : top.fallback));
        return this;
    }

    /**
     * Sets what every unknown model costs. Its canonical name stays its own, so limits still tell the models apart.
     *
     * @param price the price of unknown models; choose a dear one
     * @return this book
     */
    public PriceBook fallback(ModelPrice price) {
        change(before -> new State(before.index, price));
        return this;
    }

    /**
     * Declares that a model costs nothing. A model name of a row makes that row free, under all its names; any other name,
     * such as an alias or a dated snapshot, becomes a free model of its own, and nothing else does.
     *
     * @param name the name as calls will give it
     * @return this book
     * @throws InvalidInputException if it is no name, see {@link #canonicalName}
     */
    public PriceBook declareFree(String name) {
        change(before -> {
            ModelName parsed = before.index.parse(name);
            Timeline known = before.index.find(parsed);
            ModelPrice free = known == null
                    ? ModelPrice.free(
                            parsed.providers().isEmpty()
                                    ? "local"
                                    : parsed.providers().get(0),
                            parsed.name())
                    : new ModelPriceBuilder(known.newest(), parsed.name())
                            .aliases(List.of())
                            .free()
                            .build();
            return before.withIndex(before.index.with(List.of(Timeline.of(free))));
        });
        return this;
    }

    /**
     * Returns the price of a model at a time.
     *
     * @param name a model name, looked up as described {@linkplain PriceBook above}
     * @param at when the call is made
     * @return the price, whose {@linkplain ModelPrice#id() id} is the {@linkplain #canonicalName canonical name}; or empty
     *     where the model is unknown and there is no fallback price
     * @throws InvalidInputException if it is no name, see {@link #canonicalName}
     */
    public Optional<ModelPrice> resolve(String name, Instant at) {
        return resolve(name, Math.floorDiv(at.getEpochSecond(), 86_400L));
    }

    /**
     * Returns the price of a model on a day.
     *
     * @param name a model name, looked up as described {@linkplain PriceBook above}
     * @param on the day in UTC
     * @return the price, or empty where the model is unknown and there is no fallback price
     * @throws InvalidInputException if it is no name, see {@link #canonicalName}
     */
    public Optional<ModelPrice> resolve(String name, LocalDate on) {
        return resolve(name, on.toEpochDay());
    }

    /**
     * Returns the price of a model at a time, or refuses.
     *
     * @param name a model name, looked up as described {@linkplain PriceBook above}
     * @param at when the call is made
     * @return the price
     * @throws UnknownModelException if the model is unknown and there is no fallback price
     * @throws InvalidInputException if it is no name, see {@link #canonicalName}
     */
    public ModelPrice require(String name, Instant at) {
        return resolve(name, at).orElseThrow(() -> new UnknownModelException(name, suggestions(name)));
    }

    /**
     * Returns the one key of a model, for charges and for limits alike: every name of a model has the same key, known or
     * not. The key of a key is the key itself.
     *
     * @param name 1 to 256 characters, none of them a control character
     * @return {@code provider:model} in lower case; for an unknown model the provider that the name states, or
     *     {@code unknown}, and the name
     * @throws InvalidInputException if the name is empty, too long, or has a control character
     */
    public String canonicalName(String name) {
        PriceIndex.Found found = state.index.look(name);
        Timeline row = found.row();
        return row == null ? found.name().unknownId() : row.id();
    }

    /**
     * Returns known names that are spelled almost like a name. They are for people to read: none of them is ever used in the
     * name's place.
     *
     * @param name any model name
     * @return at most three names, nearest first, each of another model; {@code provider:model} where the name states a
     *     provider
     * @throws InvalidInputException if it is no name, see {@link #canonicalName}
     */
    public List<String> suggestions(String name) {
        PriceIndex index = state.index;
        ModelName parsed = index.parse(name);
        List<String> near = NearNames.of(parsed.name(), index.namesNear(parsed));
        if (parsed.providers().isEmpty()) {
            return near;
        }
        String provider = parsed.providers().get(0);
        return near.stream().map(model -> provider + ':' + model).toList();
    }

    /**
     * Returns every price that holds on a day.
     *
     * @param on the day in UTC
     * @return one price for each model, in the order they were added; without the fallback price
     */
    public List<ModelPrice> prices(LocalDate on) {
        List<ModelPrice> prices = new ArrayList<>();
        for (Timeline row : state.index.rows()) {
            ModelPrice price = row.on(on.toEpochDay());
            if (price != null) {
                prices.add(price);
            }
        }
        return prices;
    }

    /**
     * Returns the price of a name that costs the same at all times, so that nobody need ask what day it is.
     *
     * @param name a model's name, as callers write it
     * @return the price, or empty where it changes over time, is made for the name, or there is none
     */
    public Optional<ModelPrice> steady(String name) {
        PriceIndex.Found found = state.index.look(name);
        Timeline row = found.row();
        return row == null || found.name().free() ? Optional.empty() : Optional.ofNullable(row.always());
    }

    private Optional<ModelPrice> resolve(String name, long epochDay) {
        State now = state;
        PriceIndex.Found found = now.index.look(name);
        ModelName parsed = found.name();
        Timeline row = found.row();
        if (row != null) {
            ModelPrice price = row.on(epochDay);
            return Optional.ofNullable(
                    price != null && parsed.free() ? price.toBuilder().free().build() : price);
        }
        return now.fallback == null
                ? Optional.empty()
                : Optional.of(now.fallback.toBuilder().id(parsed.unknownId()).build());
    }

    private void change(UnaryOperator<State> step) {
        synchronized (changing) {
            state = step.apply(state);
        }
    }

    private PriceBook add(Collection<Timeline> rows) {
        change(before -> before.withIndex(before.index.with(rows)));
        return this;
    }

    private record State(PriceIndex index, @Nullable ModelPrice fallback) {
        State withIndex(PriceIndex changed) {
            return new State(changed, fallback);
        }
    }
}
