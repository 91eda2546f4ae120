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
  WRITER_CONFIG_FIELDS,
  WRITER_FIELDS,
} from './fields.ts';

const READERS = ['arn:aws:states:::s3:getObject', 'arn:aws:states:::s3:listObjectsV2'];
const WRITER = 'arn:aws:states:::s3:putObject';

const oneOf = (value: unknown, allowed: readonly string[], path: string, context: CheckContext): void => {
  if (typeof value === 'string' && allowed.includes(value)) return;
  context.report(SCHEMA, `Value is not valid. Allowed values: ${JSON.stringify(allowed)}`, path);
};

const INPUT_TYPES = ['CSV', 'JSON', 'JSONL', 'PARQUET'];
const DELIMITERS = ['COMMA', 'PIPE', 'SEMICOLON', 'SPACE', 'TAB'];

const checkCsv = (config: Json, path: string, context: CheckContext): void => {
  oneOf(config.CSVHeaderLocation, ['FIRST_ROW', 'GIVEN'], `${path}/CSVHeaderLocation`, context);
  if (config.CSVDelimiter !== undefined) oneOf(config.CSVDelimiter, DELIMITERS, `${path}/CSVDelimiter`, context);
  const headers = config.CSVHeaders;
  const texts = Array.isArray(headers) && headers.every((header) => typeof header === 'string');
  if (config.CSVHeaderLocation === 'GIVEN' && !texts) {
    context.report(SCHEMA, "CSVHeaderLocation GIVEN needs 'CSVHeaders', a list of texts", path);
  }
  if (config.CSVHeaderLocation === 'FIRST_ROW' && headers !== undefined) {
    context.report(SCHEMA, "'CSVHeaders' is allowed with CSVHeaderLocation GIVEN only", `${path}/CSVHeaders`);
  }
};

/** Fields that say how to read one type of file; with any other they would be ignored. */
const FIELDS_OF_TYPE: Readonly<Record<string, readonly string[]>> = {
  CSV: ['CSVHeaderLocation', 'CSVHeaders', 'CSVDelimiter'],
  JSON: ['ItemsPointer'],
};

const checkReaderConfig = (config: Json, lists: boolean, path: string, context: CheckContext): void => {
  checkAllowed(config, READER_CONFIG_FIELDS, path, context.report);
  checkNumberField(config.MaxItems, `${path}/MaxItems`, context, { min: 1, max: 100_000_000 });
  const loads = config.Transformation === 'LOAD_AND_FLATTEN';
  if (config.Transformation !== undefined) {
    oneOf(config.Transformation, lists ? ['NONE', 'LOAD_AND_FLATTEN'] : ['NONE'], `${path}/Transformation`, context);
  }
  if (config.InputType === 'MANIFEST') {
    const message = 'The InputType MANIFEST is not supported here: list the objects instead';
    context.report(SCHEMA, message, `${path}/InputType`);
    return;
  }
  if (!lists || loads) oneOf(config.InputType, INPUT_TYPES, `${path}/InputType`, context);
  else if (config.InputType !== undefined) {
    context.report(SCHEMA, "Field 'InputType' needs the Transformation LOAD_AND_FLATTEN here", `${path}/InputType`);
  }
  for (const [type, fields] of Object.entries(FIELDS_OF_TYPE)) {
    for (const field of fields) {
      if (config[field] === undefined || config.InputType === type) continue;
      context.report(SCHEMA, `Field '${field}' is allowed with the InputType ${type} only`, `${path}/${field}`);
    }
  }
  if (config.InputType === 'CSV') checkCsv(config, path, context);
};

const checkReader = (reader: Json, path: string, context: CheckContext): void => {
  checkAllowed(reader, READER_FIELDS, path, context.report);
  oneOf(reader.Resource, READERS, `${path}/Resource`, context);
  if (reader.Arguments === undefined) context.report(SCHEMA, "Missing 'Arguments' field", path);
  checkTemplate(reader.Arguments, `${path}/Arguments`, context);
  const config = reader.ReaderConfig;
  const lists = reader.Resource === READERS[1];
  if (config === undefined) {
    if (!lists) context.report(SCHEMA, "Missing 'ReaderConfig' field: s3:getObject needs an InputType", path);
  } else if (isObject(config)) checkReaderConfig(config, lists, `${path}/ReaderConfig`, context);
  else context.report(SCHEMA, 'Expected type of Object', `${path}/ReaderConfig`);
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

const checkWriterConfig = (config: unknown, path: string, context: CheckContext): void => {
  if (config === undefined) return;
  if (!isObject(config)) {
    context.report(SCHEMA, 'Expected type of Object', path);
    return;
  }
  checkAllowed(config, WRITER_CONFIG_FIELDS, path, context.report);
  oneOf(config.Transformation, ['NONE', 'COMPACT', 'FLATTEN'], `${path}/Transformation`, context);
  if (config.OutputType !== undefined) oneOf(config.OutputType, ['JSON', 'JSONL'], `${path}/OutputType`, context);
};

const checkWriter = (writer: Json, path: string, context: CheckContext): void => {
  checkAllowed(writer, WRITER_FIELDS, path, context.report);
  const { Resource: resource, Arguments: given, WriterConfig: config } = writer;
  if (resource !== undefined) oneOf(resource, [WRITER], `${path}/Resource`, context);
  if ((resource === undefined) !== (given === undefined)) {
    context.report(SCHEMA, "'Resource' and 'Arguments' need each other", path);
  }
  if (resource === undefined && config === undefined) {
    context.report(SCHEMA, "One of 'Resource' and 'WriterConfig' is required", path);
  }
  checkTemplate(given, `${path}/Arguments`, context);
  checkWriterConfig(config, `${path}/WriterConfig`, context);
};

const PARTS = { ItemReader: checkReader, ItemBatcher: checkBatcher, ResultWriter: checkWriter };

/** Express workflows have other semantics (at least once, five minutes, no history): children here are standard ones. */
const checkExecutionType = (type: unknown, path: string, context: CheckContext): void => {
  if (type === 'EXPRESS') context.report(SCHEMA, 'The ExecutionType EXPRESS is not supported here: use STANDARD', path);
  else oneOf(type, ['STANDARD'], path, context);
};

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
      checkExecutionType(config.ExecutionType, `${path}/ProcessorConfig/ExecutionType`, context);
    } else if (config.ExecutionType !== undefined) {
      const message = "Field 'ExecutionType' is supported by a DISTRIBUTED Map only";
      context.report(SCHEMA, message, `${path}/ProcessorConfig/ExecutionType`);
    }
  } else context.report(SCHEMA, 'Expected type of Object', `${path}/ProcessorConfig`);
  checkChild(processor, path, distributed);
  return distributed;
};

/** The label becomes part of ARNs. */
const checkLabel = (label: unknown, { path, report, labels }: CheckContext): void => {
  if (label === undefined) return;
  if (typeof label !== 'string' || !/^[^\s?*<>{}[\]:;,\\|^~$#%&`"/\p{Cc}]{1,40}$/u.test(label)) {
    report(SCHEMA, 'Label must be 1 to 40 characters without spaces and special characters', `${path}/Label`);
  } else if (labels.has(label)) report(SCHEMA, `Label must be unique: ${label}`, `${path}/Label`);
  else labels.add(label);
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
  checkNumberField(state.ToleratedFailureCount, `${path}/ToleratedFailureCount`, context, { min: 0, max: 10_000_000 });
  checkNumberField(state.ToleratedFailurePercentage, `${path}/ToleratedFailurePercentage`, context, {
    min: 0,
    max: 100,
    fraction: true,
  });
  checkLabel(state.Label, context);
  for (const [field, check] of Object.entries(PARTS)) {
    const part = state[field];
    if (part === undefined) continue;
    if (isObject(part)) check(part, `${path}/${field}`, context);
    else report(SCHEMA, 'Expected type of Object', `${path}/${field}`);
  }
};
