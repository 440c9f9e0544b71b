# How a folder becomes a library and its tests a program.
#
#   isola_library(ir DEPENDS base kernel)
#
# makes `isola_ir` of every *.cpp of the current folder and, of every *_test.cpp beside them, the program
# `ir_tests`, registered with CTest as `ir`. Files are found by name: adding one is all there is to do.

add_library(isola_doctest_main OBJECT ${CMAKE_CURRENT_LIST_DIR}/doctest_main.cpp)
target_link_libraries(isola_doctest_main PUBLIC doctest::doctest)

function(isola_library NAME)
  cmake_parse_arguments(ARG "" "" "DEPENDS;TEST_DEPENDS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(TRANSFORM ARG_DEPENDS PREPEND isola_)
  if(sources)
    add_library(isola_${NAME} STATIC ${sources})
    target_link_libraries(isola_${NAME} PUBLIC isola_options ${ARG_DEPENDS})
  else()
    add_library(isola_${NAME} INTERFACE)
    target_link_libraries(isola_${NAME} INTERFACE isola_options ${ARG_DEPENDS})
  endif()
  if(tests)
    add_executable(${NAME}_tests ${tests})
    list(TRANSFORM ARG_TEST_DEPENDS PREPEND isola_)
    target_link_libraries(${NAME}_tests PRIVATE isola_doctest_main isola_${NAME} ${ARG_TEST_DEPENDS})
    add_test(NAME ${NAME} COMMAND ${NAME}_tests)
  endif()
endfunction()
