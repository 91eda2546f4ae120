import type { CheckChild } from './check-state.ts';
import {
  type CheckContext,
  checkAllowed,
  checkNumberField,
  checkTemplate,
  isObject,
  type Json,
  SCHEMA,
} from './checks.ts';
import {
  BATCHER_FIELDS,
  DISTRIBUTED_FIELDS,
  PROCESSOR_CONFIG_FIELDS,
  PROCESSOR_FIELDS,
  READER_CONFIG_FIELDS,
  READER_FIELDS,
  WRITER_FIELDS,
} from './fields.ts';

const READERS = ['arn:aws:states:::s3:getObject', 'arn:aws:states:::s3:listObjectsV2'];
const WRITER = 'arn:aws:states:::s3:putObject';

const oneOf = (value: unknown, allowed: readonly string[], path: string, context: CheckContext): void => {
  if (typeof value === 'string' && allowed.includes(value)) return;
  context.report(SCHEMA, `Value is not valid. Allowed values: ${JSON.stringify(allowed)}`, path);
};

const checkReader = (reader: Json, path: string, context: CheckContext): void => {
  checkAllowed(reader, READER_FIELDS, path, context.report);
  oneOf(reader.Resource, READERS, `${path}/Resource`, context);
  checkTemplate(reader.Arguments, `${path}/Arguments`, context);
  const config = reader.ReaderConfig;
  if (config === undefined) {
    if (reader.Resource === READERS[0]) {
      context.report(SCHEMA, "Missing 'ReaderConfig' field: s3:getObject needs an InputType", path);
    }
    return;
  }
  const configPath = `${path}/ReaderConfig`;
  if (!isObject(config)) {
    context.report(SCHEMA, 'Expected type of Object', configPath);
    return;
  }
  checkAllowed(config, READER_CONFIG_FIELDS, configPath, context.report);
  checkNumberField(config.MaxItems, `${configPath}/MaxItems`, context, { min: 1, max: 100_000_000 });
  if (reader.Resource !== READERS[0]) return;
  oneOf(config.InputType, ['CSV', 'JSON', 'JSONL'], `${configPath}/InputType`, context);
  if (config.InputType !== 'CSV') return;
  oneOf(config.CSVHeaderLocation, ['FIRST_ROW', 'GIVEN'], `${configPath}/CSVHeaderLocation`, context);
  if (config.CSVDelimiter !== undefined) {
    oneOf(config.CSVDelimiter, ['COMMA', 'PIPE', 'SEMICOLON', 'SPACE', 'TAB'], `${configPath}/CSVDelimiter`, context);
  }
  if (config.CSVHeaderLocation === 'GIVEN' && !Array.isArray(config.CSVHeaders)) {
    context.report(SCHEMA, "CSVHeaderLocation GIVEN needs 'CSVHeaders'", configPath);
  }
};

const checkBatcher = (batcher: Json, path: string, context: CheckContext): void => {
  checkAllowed(batcher, BATCHER_FIELDS, path, context.report);
  checkNumberField(batcher.MaxItemsPerBatch, `${path}/MaxItemsPerBatch`, context, { min: 1, max: 100_000_000 });
  checkNumberField(batcher.MaxInputBytesPerBatch, `${path}/MaxInputBytesPerBatch`, context, {
    min: 1,
    max: 262_144,
  });
  if (batcher.MaxItemsPerBatch === undefined && batcher.MaxInputBytesPerBatch === undefined) {
    context.report(SCHEMA, "One of 'MaxItemsPerBatch' and 'MaxInputBytesPerBatch' is required", path);
  }
  checkTemplate(batcher.BatchInput, `${path}/BatchInput`, context);
};

const checkWriter = (writer: Json, path: string, context: CheckContext): void => {
  checkAllowed(writer, WRITER_FIELDS, path, context.report);
  oneOf(writer.Resource, [WRITER], `${path}/Resource`, context);
  if (writer.Arguments === undefined) context.report(SCHEMA, "Missing 'Arguments' field", path);
  checkTemplate(writer.Arguments, `${path}/Arguments`, context);
};

const PARTS = { ItemReader: checkReader, ItemBatcher: checkBatcher, ResultWriter: checkWriter };

const checkProcessor = (state: Json, context: CheckContext, checkChild: CheckChild): boolean => {
  const path = `${context.path}/ItemProcessor`;
  const processor = state.ItemProcessor;
  if (!isObject(processor)) {
    context.report(SCHEMA, "Missing 'ItemProcessor' field", context.path);
    return false;
  }
  checkAllowed(processor, PROCESSOR_FIELDS, path, context.report);
  const config = processor.ProcessorConfig ?? {};
  let distributed = false;
  if (isObject(config)) {
    checkAllowed(config, PROCESSOR_CONFIG_FIELDS, `${path}/ProcessorConfig`, context.report);
    if (config.Mode !== undefined)
      oneOf(config.Mode, ['INLINE', 'DISTRIBUTED'], `${path}/ProcessorConfig/Mode`, context);
    distributed = config.Mode === 'DISTRIBUTED';
    if (distributed) {
      oneOf(config.ExecutionType, ['STANDARD', 'EXPRESS'], `${path}/ProcessorConfig/ExecutionType`, context);
    }
  } else context.report(SCHEMA, 'Expected type of Object', `${path}/ProcessorConfig`);
  checkChild(processor, path, distributed);
  return distributed;
};

export const checkMap = (state: Json, context: CheckContext, checkChild: CheckChild): void => {
  const { path, report } = context;
  const distributed = checkProcessor(state, context, checkChild);
  for (const field of DISTRIBUTED_FIELDS) {
    if (!distributed && state[field] !== undefined) {
      report(SCHEMA, `Field '${field}' is supported by a DISTRIBUTED Map only`, `${path}/${field}`);
    }
  }
  checkTemplate(state.Items, `${path}/Items`, context);
  if (state.Items !== undefined && state.ItemReader !== undefined) {
    report(SCHEMA, "Only one of 'Items' and 'ItemReader' is allowed", path);
  }
  checkTemplate(state.ItemSelector, `${path}/ItemSelector`, context);
  checkNumberField(state.MaxConcurrency, `${path}/MaxConcurrency`, context, { min: 0, max: 10_000 });
  checkNumberField(state.ToleratedFailureCount, `${path}/ToleratedFailureCount`, context, { min: 0, max: 1e9 });
  checkNumberField(state.ToleratedFailurePercentage, `${path}/ToleratedFailurePercentage`, context, {
    min: 0,
    max: 100,
  });
  for (const [field, check] of Object.entries(PARTS)) {
    const part = state[field];
    if (part === undefined) continue;
    if (isObject(part)) check(part, `${path}/${field}`, context);
    else report(SCHEMA, 'Expected type of Object', `${path}/${field}`);
  }
};
