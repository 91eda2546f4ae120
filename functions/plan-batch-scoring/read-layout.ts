import { join } from 'node:path';
import { findFooter, layParquetPieces } from '../../shared/adapters/s3/parquet-pieces.ts';
import { columnsSql, type InputLayout, type InputObject, rowGroupsSql } from '../../shared/core/batch-scoring/index.ts';
import type { ObjectRanges } from '../../shared/ports/object-ranges.ts';
import type { TableEngine } from '../../shared/ports/table-engine.ts';

/** Columns and row groups of an input, from its footer alone. @throws InvalidRequestError for what is no Parquet. */
export const readLayout = async (
  { ranges, engine, folder }: { readonly ranges: ObjectRanges; readonly engine: TableEngine; readonly folder: string },
  { key, etag, sizeBytes }: InputObject,
): Promise<InputLayout> => {
  const object = { key, etag, sizeBytes };
  const footerFromByte = await findFooter(ranges, object);
  const file = join(folder, 'footer.parquet');
  await layParquetPieces(ranges, file, { ...object, footerFromByte });
  const columns = await engine.query(columnsSql(file));
  const groups = await engine.query(rowGroupsSql(file));
  return {
    object,
    footerFromByte,
    columns: columns.map((column) => ({ name: String(column.column_name), type: String(column.column_type) })),
    rowGroups: groups.map((group) => ({
      rowCount: Number(group.row_count),
      fromByte: Number(group.from_byte),
      toByte: Number(group.to_byte),
    })),
  };
};
