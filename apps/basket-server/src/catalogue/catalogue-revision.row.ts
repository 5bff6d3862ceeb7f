import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The one row that counts what was written to the catalogue. */
@Entity({ name: 'catalogue_revision' })
export class CatalogueRevisionRow {
  @PrimaryColumn({ type: 'boolean', default: true }) one!: boolean;
  @Column({ type: 'bigint' }) revision!: string;
}
