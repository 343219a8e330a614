package com.example.shop;

import java.util.List;

public class Cart {
  private int sum = 0;

  public int total(List<Integer> prices) {
    prices.forEach(price -> sum += price);
    List<Integer> none = List.of();
    none.forEach(price -> danger(price));
    return sum;
  }

  private void danger(int price) {
    throw new IllegalStateException("price " + price);
  }

  public static void main(String[] args) {
    System.out.println(new Cart().total(List.of(1, 2)));
  }
}
