import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { schemas } from '../schemas.ts';
import { renderErd } from './render-erd.ts';

const PAGE = join(__dirname, '../../../../docs/erd.md');

describe('the diagram of tables', () => {
  it('is what the entities say: `npm run erd` draws it anew', async () => {
    expect(readFileSync(PAGE, 'utf8')).toBe(await renderErd(schemas));
  });

  it('shows keys, types, what may be null, and who belongs to whom', async () => {
    const page = await renderErd([{ schema: 'zoo', migrations: [], entities: [Animal, Cage] }, { schema: 'bare', migrations: [] }]);

    expect(page).not.toContain('bare');
    expect(page).toContain([
      '## Schema `zoo`', '', '```mermaid', 'erDiagram',
      '  animal {', '    text id PK', '    text cage_id FK', '    int legs "may be null"', '    text_array names', '  }',
      '  cage {', '    text id PK', '  }',
      '  animal }o--|| cage : cage', '```',
    ].join('\n'));
  });
});

@Entity({ name: 'cage' })
class Cage {
  @PrimaryColumn({ type: 'text' }) id!: string;
}

@Entity({ name: 'animal' })
class Animal {
  @PrimaryColumn({ type: 'text' }) id!: string;
  @Column({ name: 'cage_id', type: 'text' }) cageId!: string;
  @Column({ type: 'int', nullable: true }) legs!: number | null;
  @Column({ type: 'text', array: true }) names!: string[];
  @ManyToOne(() => Cage) @JoinColumn({ name: 'cage_id' }) cage!: Relation<Cage>;
}
