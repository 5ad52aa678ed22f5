// A program that does nothing, to measure the start of Deno in this project.
