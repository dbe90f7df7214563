"""From official files to tables: one module for each layout, each a pure function over lines."""
