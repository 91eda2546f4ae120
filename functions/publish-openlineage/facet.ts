/** Who makes our events. */
export const PRODUCER = 'urn:millrace:publish-openlineage';

type Facet<Fields> = Fields & { readonly _producer: string; readonly _schemaURL: string };

/** @param schema version and name of a standard facet, such as `1-0-1/DatasetVersionDatasetFacet`. */
export const facet = <Fields extends object>(schema: string, fields: Fields): Facet<Fields> => ({
  _producer: PRODUCER,
  _schemaURL: `https://openlineage.io/spec/facets/${schema}.json#/$defs/${schema.split('/').at(-1)}`,
  ...fields,
});
