//! `ecs-why-mcp`: the diagnosis as tools for AI assistants, over the Model Context Protocol.

fn main() {}
