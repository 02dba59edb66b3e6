import { LmdeckError, type Model } from '../core/index.ts';
import type { ClassManifest } from './class-manifest.ts';
import { argumentsByName } from './define-function.ts';
import type { FunctionOptions } from './function-options.ts';
import type { AbstractClass, ImplementedClass } from './implemented-class.ts';
import { memberFunction, staticFunction } from './member-implementation.ts';
import { classManifest, memberManifest, type ClassSpec, type MemberSpec } from './member-spec.ts';

/** What a class says of itself, and how its model is asked. */
export interface StrategyOptions extends FunctionOptions, Pick<ClassSpec, 'description' | 'fields'> {}

/** A decorator of methods, getters and static methods that return promises. */
export type MemberDecorator = <F extends (this: never, ...args: never[]) => Promise<unknown>>(
  value: F,
  context: ClassMethodDecoratorContext | ClassGetterDecoratorContext,
) => F;

interface Strategy {
  readonly model: Model;
  readonly options: StrategyOptions;
}

const strategies = new WeakMap<object, Strategy>();

/**
 * Standard decorator (TC39) of a class: its {@link llm} members are carried out by this model. `fields` says what the model is shown of `this`; without it
 * all enumerable data of the object. Decorators need a compiler (TypeScript, or whatever builds your code): Node does not know them.
 *
 * @example
 * ```ts no-run
 * import { openai } from 'lmdeck';
 * import { llm, strategy } from 'lmdeck/functions';
 * import { z } from 'zod';
 *
 * @strategy(openai(), { fields: z.object({ birthdate: z.iso.date() }) })
 * class Customer {
 *   birthdate = '1986-05-01';
 *
 *   @llm({ description: 'Age in the year 2022.', output: z.int() })
 *   get age(): Promise<number> {
 *     throw new Error('The model carries this out.');
 *   }
 * }
 * console.log(await new Customer().age);
 * ```
 */
export function strategy(model: Model, options: StrategyOptions = {}): (target: AbstractClass, context: ClassDecoratorContext) => void {
  return (target) => void strategies.set(target, { model, options });
}

/** A subclass whose {@link llm} members another model carries out: several strategies for one class. */
export function withStrategy<C extends AbstractClass>(base: C, model: Model, options?: StrategyOptions): ImplementedClass<C>;
export function withStrategy(base: AbstractClass, model: Model, options: StrategyOptions = {}): unknown {
  const other = class extends base {};
  Object.defineProperty(other, 'name', { value: base.name });
  strategies.set(other, { model, options: { ...strategyOf(base)?.options, ...options } });
  return other;
}

/**
 * Standard decorator (TC39) of a method, getter or static method that a model carries out, whatever its body is. Who carries it out, says
 * {@link strategy} or {@link withStrategy}, on its class or one that extends it.
 *
 * A call throws LmdeckError `usage` when nobody says it; and what calls of functions throw.
 */
export function llm(spec: Omit<MemberSpec, 'kind'>): MemberDecorator;
export function llm(spec: Omit<MemberSpec, 'kind'>): unknown {
  return (_: unknown, context: ClassMethodDecoratorContext | ClassGetterDecoratorContext) => {
    const name = String(context.name);
    const kind = context.static ? 'static' : context.kind;
    const member = memberManifest(name, name, { ...spec, kind });
    const ofObjects = new Map<string, ReturnType<typeof memberFunction>>();
    const ofClasses = new WeakMap<object, ReturnType<typeof staticFunction>>();
    const method = function (this: object, ...args: readonly unknown[]): Promise<unknown> {
      const self = context.static ? this : this.constructor;
      const found = strategyOf(self);
      if (found === undefined)
        throw new LmdeckError(
          'usage',
          `${className(self)}.${name}: no model carries it out. Decorate the class with @strategy(model), or use withStrategy.`,
        );
      const { model, options } = found;
      const { description: _, fields: __, ...asked } = options;
      if (context.static) {
        const known = ofClasses.get(self) ?? staticFunction(manifestOf(self, options), member);
        ofClasses.set(self, known);
        return known(model, asked).explicit(argumentsByName(member.definition, args));
      }
      const manifest = manifestOf(self, options, this);
      const key = JSON.stringify([manifest.name, manifest.description, manifest.fields]);
      const known = ofObjects.get(key) ?? memberFunction(manifest, member);
      ofObjects.set(key, known);
      return known(this, args, model, asked);
    };
    return Object.defineProperty(method, 'name', { value: name });
  };
}

function strategyOf(target: object): Strategy | undefined {
  for (let each: object | null = target; each !== null; each = Object.getPrototypeOf(each)) {
    const found = strategies.get(each);
    if (found !== undefined) return found;
  }
  return undefined;
}

function manifestOf(target: object, { description, fields }: StrategyOptions, self?: object): ClassManifest {
  const manifest = classManifest({
    name: className(target),
    members: {},
    ...(description === undefined ? {} : { description }),
    ...(fields === undefined ? {} : { fields }),
  });
  if (fields !== undefined || self === undefined) return manifest;
  const data = Object.entries(self).filter(([, value]) => value !== undefined && typeof value !== 'function');
  return { ...manifest, fields: data.map(([name]) => ({ name, schema: {} })) };
}

function className(target: object): string {
  return typeof target === 'function' && target.name !== '' ? target.name : 'class';
}
