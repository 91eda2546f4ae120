import type { AnyValue, KeyValue } from './span.ts';

export interface TokenUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly totalTokens: number;
}

const MLFLOW_USAGE = 'mlflow.chat.tokenUsage';

/** OpenTelemetry's GenAI conventions (today's names and the former ones), then OpenInference's. */
const CONVENTIONS = [
  { input: 'gen_ai.usage.input_tokens', output: 'gen_ai.usage.output_tokens' },
  { input: 'gen_ai.usage.prompt_tokens', output: 'gen_ai.usage.completion_tokens', total: 'llm.usage.total_tokens' },
  { input: 'llm.token_count.prompt', output: 'llm.token_count.completion', total: 'llm.token_count.total' },
] as const;

const countOf = (value: AnyValue | undefined): number | undefined => {
  const count = Number(value?.intValue ?? value?.doubleValue);
  return Number.isSafeInteger(count) && count >= 0 ? count : undefined;
};

const usageFrom = (
  values: readonly KeyValue[],
  names: { readonly input: string; readonly output: string; readonly total?: string },
): TokenUsage | undefined => {
  const read = (name: string | undefined): number | undefined =>
    countOf(values.findLast(({ key }) => key === name)?.value);
  const inputTokens = read(names.input);
  const outputTokens = read(names.output);
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  return { inputTokens, outputTokens, totalTokens: read(names.total) ?? inputTokens + outputTokens };
};

/** The tokens that a span says a model took in and gave out; undefined for a span that says nothing of them. */
export const tokenUsageOf = (attributes: readonly KeyValue[]): TokenUsage | undefined => {
  const own = attributes.findLast(({ key }) => key === MLFLOW_USAGE)?.value.kvlistValue?.values;
  if (own !== undefined) {
    return usageFrom(own, { input: 'input_tokens', output: 'output_tokens', total: 'total_tokens' });
  }
  for (const names of CONVENTIONS) {
    const usage = usageFrom(attributes, names);
    if (usage !== undefined) return usage;
  }
  return undefined;
};

export const sumUsages = (usages: readonly TokenUsage[]): TokenUsage | undefined =>
  usages.length === 0
    ? undefined
    : usages.reduce((sum, usage) => ({
        inputTokens: sum.inputTokens + usage.inputTokens,
        outputTokens: sum.outputTokens + usage.outputTokens,
        totalTokens: sum.totalTokens + usage.totalTokens,
      }));
