export * from './protobuf-reader.ts';
