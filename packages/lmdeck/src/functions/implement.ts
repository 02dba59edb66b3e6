import type { Model } from '../core/index.ts';
import type { ClassManifest, MemberManifest } from './class-manifest.ts';
import type { FunctionOptions } from './function-options.ts';
import type { AbstractClass, DataOf, ImplementedClass } from './implemented-class.ts';
import { memberFunction, staticFunction } from './member-implementation.ts';

/**
 * A class whose abstract members a model carries out: a real subclass, with the data of `this` in every prompt. What the class, or a class that extends
 * the result, implements itself stays untouched, so members by people and by models mix; each call of `implement` is another strategy, and one class can have
 * many. Members that a model carries out return promises.
 *
 * @param manifest what its members are: written by `lmdeck functions generate`, or by hand.
 *
 * @example
 * ```ts
 * import { mock } from 'lmdeck';
 * import { implement, type ClassManifest } from 'lmdeck/functions';
 *
 * abstract class Customer {
 *   name: string;
 *   birthdate: string;
 *   constructor(name: string, birthdate: string) {
 *     this.name = name;
 *     this.birthdate = birthdate;
 *   }
 *   abstract get age(): Promise<number>;
 *   greeting(): string {
 *     return `Dear ${this.name}`;
 *   }
 * }
 * const manifest: ClassManifest = {
 *   name: 'Customer',
 *   fields: [
 *     { name: 'name', schema: { type: 'string' } },
 *     { name: 'birthdate', schema: { type: 'string', format: 'date' } },
 *   ],
 *   members: [{ kind: 'getter', definition: { name: 'age', description: 'Age in the year 2022.', parameters: [], output: { type: 'integer' } } }],
 * };
 * const LlmCustomer = implement(Customer, manifest, mock({ outputs: ['{"result": 36}'] }));
 * const customer = new LlmCustomer('Maria', '1986-05-01');
 * console.log(customer.greeting(), await customer.age); // Dear Maria 36
 * ```
 */
export function implement<C extends AbstractClass>(
  base: C,
  manifest: ClassManifest,
  model: Model,
  options?: FunctionOptions,
): ImplementedClass<C>;
export function implement(base: AbstractClass, manifest: ClassManifest, model: Model, options: FunctionOptions = {}): unknown {
  const implemented = class extends base {};
  Object.defineProperty(implemented, 'name', { value: base.name });
  for (const member of manifest.members) {
    const { name } = member.definition;
    const target = member.kind === 'static' ? implemented : implemented.prototype;
    // Abstract members leave nothing behind: what is there, somebody has implemented.
    if (name in target) continue;
    Object.defineProperty(target, name, { ...property(manifest, member, model, options), configurable: true, enumerable: false });
  }
  return implemented;
}

/** An object with the properties of another, and nothing on its prototype. */
// oxlint-disable-next-line typescript/no-extraneous-class -- classes extend it
class Data {
  constructor(data: object) {
    Object.assign(this, data);
  }
}

function property(manifest: ClassManifest, member: MemberManifest, model: Model, options: FunctionOptions): PropertyDescriptor {
  if (member.kind === 'static') return { value: staticFunction(manifest, member)(model, options), writable: true };
  const call = memberFunction(manifest, member);
  if (member.kind === 'getter') {
    return {
      get(this: object) {
        return call(this, [], model, options);
      },
    };
  }
  const method = function (this: object, ...args: readonly unknown[]): Promise<unknown> {
    return call(this, args, model, options);
  };
  return { value: Object.defineProperty(method, 'name', { value: member.definition.name }), writable: true };
}

/**
 * A class for an interface: its data are given to the constructor, its methods and promises a model carries out.
 *
 * @example
 * ```ts
 * import { mock } from 'lmdeck';
 * import { implementInterface } from 'lmdeck/functions';
 *
 * interface Dictionary {
 *   language: string;
 *   define(word: string): Promise<string>;
 * }
 * const LlmDictionary = implementInterface<Dictionary>(
 *   {
 *     name: 'Dictionary',
 *     fields: [{ name: 'language', schema: { type: 'string' } }],
 *     members: [
 *       {
 *         kind: 'method',
 *         definition: { name: 'define', parameters: [{ name: 'word', schema: { type: 'string' } }], output: { type: 'string' } },
 *       },
 *     ],
 *   },
 *   mock({ outputs: ['a place to live'] }),
 * );
 * console.log(await new LlmDictionary({ language: 'English' }).define('house')); // a place to live
 * ```
 */
export function implementInterface<T extends object>(
  manifest: ClassManifest,
  model: Model,
  options?: FunctionOptions,
): new (data: DataOf<T>) => T;
export function implementInterface(manifest: ClassManifest, model: Model, options?: FunctionOptions): unknown {
  const base = class extends Data {};
  Object.defineProperty(base, 'name', { value: manifest.name });
  return implement(base, manifest, model, options);
}
