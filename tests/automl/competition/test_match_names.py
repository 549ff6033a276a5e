"""Names that differ in case, spaces or signs alone are the same; where two could be meant, none is."""

from automl.competition.match_names import find_name, match_classes, plain


def test_a_name_is_compared_without_case_spaces_and_signs():
    assert plain("Passenger_ID") == plain("passenger id") == "passengerid"
    assert plain("1.0") == plain(1) == "1"
    assert plain("___") == "___"


def test_the_name_itself_goes_before_one_like_it():
    assert find_name("Id", ["ID", "Id"]) == "Id"
    assert find_name("passengerid", ["Age", "Passenger ID"]) == "Passenger ID"


def test_two_names_that_could_be_meant_are_none():
    assert find_name("id", ["ID", "Id"]) is None
    assert find_name("id", ["age"]) is None


def test_columns_of_classes_may_begin_alike_and_be_in_any_order():
    assert match_classes(["Class_3", "Class_1", "Class_2"], [1, 2, 3]) == (2, 0, 1)
    assert match_classes(["Status_C", "Status_CL", "Status_D", "Status_X"], ["C", "CL", "D"]) == (0, 1, 2, -1)


def test_a_class_without_a_column_is_no_match():
    assert match_classes(["a", "b"], ["a", "b", "c"]) is None
