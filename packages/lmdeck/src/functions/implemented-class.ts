import type { AnyFunction } from './typed-function.ts';

/** A class that may be abstract. */
export type AbstractClass = abstract new (...args: never[]) => object;

/**
 * The class whose abstract members a model carries out: same constructor, same members, can be instantiated. To the compiler they are abstract still: what
 * people write goes into an abstract class that extends the first one, and that is implemented.
 */
export type ImplementedClass<C extends AbstractClass> = (new (...args: ConstructorParameters<C>) => InstanceType<C>) & Omit<C, 'prototype'>;

/** The data of an interface: what is neither a method nor a promise. */
export type DataOf<T> = { [K in keyof T as T[K] extends Promise<unknown> | AnyFunction ? never : K]: T[K] };
