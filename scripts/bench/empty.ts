// A program that does nothing: what starting Deno in this project costs.
