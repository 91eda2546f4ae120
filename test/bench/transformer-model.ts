import { createProtobufWriter as message } from '../../shared/core/training/protobuf-writer.ts';

/** An encoder like those of small language models, with weights drawn at random: about 27 MB. */

const FLOAT = 1;
const INT64 = 7;
const VOCABULARY = 8_000;
const WIDTH = 256;
const HIDDEN = 1_024;
const LAYERS = 6;
export const TOKEN_COUNT = 32;

type Message = ReturnType<typeof message>;

/** Weights in (-0.05, 0.05): Numerical Recipes' linear congruential generator. */
const createWeights = (): ((count: number) => readonly number[]) => {
  let state = 7;
  return (count) =>
    Array.from({ length: count }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return (state / 2 ** 32 - 0.5) / 10;
    });
};

const initializer = (name: string, dims: readonly number[], values: readonly number[]): Message =>
  message().integers(1, dims).integer(2, FLOAT).floats(4, values).text(8, name);

const node = (operator: string, inputs: readonly string[], output: string): Message =>
  message().texts(1, inputs).text(2, output).text(3, output).text(4, operator);

const value = (name: string, type: number, columns: number): Message => {
  const shape = message().message(1, message().text(2, 'rows')).message(1, message().integer(1, columns));
  return message()
    .text(1, name)
    .message(2, message().message(1, message().integer(1, type).message(2, shape)));
};

/** `tokens` INT64 [rows, 32] in [0, 8000) → `scores` FP32 [rows, 256]. */
export const makeTransformer = (): Uint8Array => {
  const weights = createWeights();
  const graph = message();
  const initializers: Message[] = [];
  const weight = (name: string, ...dims: readonly number[]): string => {
    initializers.push(initializer(name, dims, weights(dims.reduce((a, b) => a * b, 1))));
    return name;
  };
  const add = (
    operator: string,
    inputs: readonly string[],
    output: string,
    ...attributes: readonly Message[]
  ): string => {
    const one = node(operator, inputs, output);
    for (const attribute of attributes) one.message(5, attribute);
    graph.message(1, one);
    return output;
  };
  const swapped = message().text(1, 'perm').integers(8, [0, 2, 1]).integer(20, 7);

  let x = add('Gather', [weight('embedding', VOCABULARY, WIDTH), 'tokens'], 'embedded');
  for (let i = 0; i < LAYERS; i += 1) {
    const named = (name: string): string => `${name}${i}`;
    const [q, k, v] = ['q', 'k', 'v'].map((name) =>
      add('MatMul', [x, weight(named(`w_${name}`), WIDTH, WIDTH)], named(name)),
    ) as [string, string, string];
    const scores = add('MatMul', [q, add('Transpose', [k], named('kt'), swapped)], named('scores'));
    const attended = add('MatMul', [add('Softmax', [scores], named('shares')), v], named('attended'));
    const projected = add('MatMul', [attended, weight(named('w_o'), WIDTH, WIDTH)], named('projected'));
    const first = add('Add', [x, projected], named('first'));
    const normal = add(
      'LayerNormalization',
      [first, weight(named('scale_a'), WIDTH), weight(named('bias_a'), WIDTH)],
      named('normal'),
    );
    const wide = add('MatMul', [normal, weight(named('w_up'), WIDTH, HIDDEN)], named('wide'));
    const bent = add('Mul', [wide, add('Sigmoid', [wide], named('gate'))], named('bent'));
    const narrow = add('MatMul', [bent, weight(named('w_down'), HIDDEN, WIDTH)], named('narrow'));
    const second = add('Add', [normal, narrow], named('second'));
    x = add(
      'LayerNormalization',
      [second, weight(named('scale_b'), WIDTH), weight(named('bias_b'), WIDTH)],
      named('layer'),
    );
  }
  const axes = message().integers(1, [1]).integer(2, INT64).integers(7, [1]).text(8, 'axes');
  initializers.push(axes);
  const keep = message().text(1, 'keepdims').integer(3, 0).integer(20, 2);
  add('ReduceMean', [x, 'axes'], 'pooled', keep);
  add('Mish', ['pooled'], 'scores');
  graph.text(2, 'encoder');
  for (const one of initializers) graph.message(5, one);
  graph.message(11, value('tokens', INT64, TOKEN_COUNT)).message(12, value('scores', FLOAT, WIDTH));
  return message().integer(1, 8).message(7, graph).message(8, message().text(1, '').integer(2, 18)).bytes();
};
