/**
 * What the tests of all modules survived: {@link io.holdfast.survival.Survival} keeps the counts of one kind of fault,
 * {@link io.holdfast.survival.SurvivalSheet} makes the page of them. For the tests of this project.
 */
@NullMarked
package io.holdfast.survival;

import org.jspecify.annotations.NullMarked;
