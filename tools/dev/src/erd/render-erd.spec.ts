import { renderErd } from './render-erd.ts';

describe('renderErd', () => {
  it('shows keys, types, nullable columns and references', () => {
    const column = (name: string, type: string): { name: string; type: string; isNullable: boolean; isKey: boolean } =>
      ({ name, type, isNullable: name === 'legs', isKey: name === 'id' });

    const page = renderErd([
      {
        schema: 'zoo', name: 'animal',
        columns: [column('id', 'text'), column('cage_id', 'int8'), column('legs', 'int4'), column('names', '_text')],
        references: [{ columns: ['cage_id'], to: 'cage' }],
      },
      { schema: 'zoo', name: 'cage', columns: [column('id', 'int8')], references: [] },
    ]);

    expect(page).toContain([
      '## Schema `zoo`', '', '```mermaid', 'erDiagram',
      '  animal {', '    text id PK', '    bigint cage_id FK', '    int legs "may be null"', '    text_array names', '  }',
      '  cage {', '    bigint id PK', '  }',
      '  animal }o--|| cage : "cage_id"', '```',
    ].join('\n'));
  });
});
