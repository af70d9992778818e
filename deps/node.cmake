# Gives NODE_EXECUTABLE: the Node.js that runs the build, where a script has named it.

find_program(NODE_EXECUTABLE NAMES node nodejs)
if(DEFINED ENV{npm_node_execpath})
  set(NODE_EXECUTABLE "$ENV{npm_node_execpath}")
endif()
