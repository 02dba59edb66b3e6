/** Classes with decorators, for a test that compiles them. Prints what they answer and what was asked, one JSON text per line. */
import { LmdeckError, messageText, mock } from 'lmdeck';
import { llm, strategy, withStrategy } from 'lmdeck/functions';
import { z } from 'zod';

const small = mock({ id: 'small', outputs: ['{"result": 36}', '{"result": "Dear Maria"}', '{"result": ["Maria", "Anna"]}'] });
const large = mock({ id: 'large', outputs: ['{"result": 37}'] });

function byModel(): never {
  throw new LmdeckError('internal', 'The model carries this out.');
}

@strategy(small, {
  description: 'A customer',
  fields: z.object({ name: z.string(), birthdate: z.iso.date() }),
  options: { temperature: 0 },
})
class Customer {
  readonly name: string;
  readonly birthdate: string;
  readonly secret = 'not for the model';

  constructor(name: string, birthdate: string) {
    this.name = name;
    this.birthdate = birthdate;
  }

  @llm({ description: 'Age in the year 2022.', output: z.int() })
  get age(): Promise<number> {
    return byModel();
  }

  @llm({ input: z.object({ tone: z.string() }), output: z.string() })
  greet(_tone: string): Promise<string> {
    return byModel();
  }

  @llm({ input: z.object({ count: z.int() }), output: z.array(z.string()) })
  static names(_count: number): Promise<string[]> {
    return byModel();
  }

  upper(): string {
    return this.name.toUpperCase();
  }
}

class Bare {
  readonly size = 3;

  @llm({ output: z.int() })
  get double(): Promise<number> {
    return byModel();
  }
}

const maria = new Customer('Maria', '1986-05-01');
const Thorough = withStrategy(Customer, large);
const BareDoubled = withStrategy(
  Bare,
  mock({
    outputs: [
      ({ messages }) =>
        `{"result": ${
          2 *
          Number(
            messages
              .map(messageText)
              .join()
              .match(/"size":(\d)/u)?.[1],
          )
        }}`,
    ],
  }),
);
const lines: unknown[] = [
  [await maria.age, await maria.greet('warm'), await Customer.names(2), maria.upper()],
  [await new Thorough('Maria', '1986-05-01').age, Thorough.name, new Thorough('A', '').upper()],
  [await new BareDoubled().double],
  await Promise.try(() => new Bare().double).catch((error: unknown) => LmdeckError.from(error).message),
  small.requests.map(({ messages, options }) => [...messages.map(messageText), options]),
];
for (const line of lines) process.stdout.write(`${JSON.stringify(line)}\n`);
