//! Tests of the whole system; the tests themselves stand beside this file.
